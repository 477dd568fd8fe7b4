import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestOutcome, TestRun } from './verdict.js';

/**
 * A test that is to notice a bug takes about a second; one that hangs should not cost half a
 * minute, the usual limit.
 */
const TEST_TIMEOUT_MS = 10_000;

/**
 * For a process that does not even come to its own time-outs, an endless loop say; for each file.
 */
const RUN_TIMEOUT_MS = 120_000;

interface JestReport {
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { readonly assertionResults: readonly TestOutcome[] }[];
}

/**
 * Runs whole test files of a tree in a process of their own.
 *
 * @throws the reason of `stopping` when that aborts, once the process is gone.
 */
export async function runTests(
  root: string,
  files: readonly string[],
  stopping: AbortSignal,
): Promise<TestRun> {
  const report = join(root, 'jest-report.json');
  rmSync(report, { force: true });
  const timeOut = AbortSignal.timeout(RUN_TIMEOUT_MS * files.length);
  const child = spawn(
    process.execPath,
    [...jest(root), `--outputFile=${report}`, '--runTestsByPath', ...files],
    {
      cwd: root,
      stdio: 'ignore',
      signal: AbortSignal.any([stopping, timeOut]),
      killSignal: 'SIGKILL',
    },
  );
  // An abort is an error to `spawn`; what it comes to is told below.
  child.on('error', () => undefined);
  await new Promise((resolve) => child.once('close', resolve));
  stopping.throwIfAborted();
  if (!existsSync(report))
    return { end: timeOut.aborted ? 'out of time' : 'broken down', tests: [] };
  const { testResults, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as JestReport;
  return {
    end: numRuntimeErrorTestSuites > 0 ? 'broken down' : 'finished',
    tests: testResults.flatMap(({ assertionResults }) => assertionResults),
  };
}

function jest(root: string): string[] {
  return [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    `--config=${join(root, 'test/torture/mutants/jest.config.mjs')}`,
    `--cacheDirectory=${join(root, 'jest-cache')}`,
    `--testTimeout=${TEST_TIMEOUT_MS}`,
    '--maxWorkers=2',
    '--ci',
    '--no-color',
    '--json',
    // A bug may leave a timer or a socket behind; what the tests said is said by then.
    '--forceExit',
  ];
}
