import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runToEnd } from '../../support/processes/child.js';
import { type Mutant, seeded } from './mutant.js';
import { TypeChecker } from './type-checker.js';
import { judge, passes, type TestOutcome, type TestRun, type Verdict } from './verdict.js';

/** The clone this file is in. */
const ROOT = join(import.meta.dirname, '../../..');

/** What is not the service, or not worth copying. */
const LEFT_OUT = ['.git', 'node_modules', 'dist', 'data', 'coverage', 'bench', 'docs'];

/** A test that is to notice a bug takes a second; one that hangs should not cost half a minute. */
const TEST_TIMEOUT_MS = 10_000;

/** For a process that does not come to its own time-outs, an endless loop say; for each file. */
const RUN_TIMEOUT_MS = 120_000;

interface JestReport {
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { readonly assertionResults: readonly TestOutcome[] }[];
}

/** A copy of the source, a compiler and a database, in which bugs may live for a second. */
export class Laboratory {
  readonly #root = mkdtempSync(join(tmpdir(), 'gophermart-mutants-'));
  #control: TestRun = { end: 'broken down', tests: [] };
  #stopDatabase: (() => Promise<void>) | undefined;
  #checker: TypeChecker | undefined;

  private constructor(private readonly stopping: AbortSignal) {}

  /**
   * Opens one, and runs the tests of all `mutants` without any bug.
   *
   * @param more files of its own. @throws Error when the source does not compile as it is.
   */
  static async open(
    mutants: readonly Mutant[],
    more: Readonly<Record<string, string>>,
    stopping: AbortSignal,
  ): Promise<Laboratory> {
    const laboratory = new Laboratory(stopping);
    try {
      await laboratory.#prepare(mutants, more);
      return laboratory;
    } catch (error) {
      await laboratory.close();
      throw error;
    }
  }

  /** Plants one bug, sees what comes of it, and takes it out again. */
  async try(mutant: Mutant): Promise<Verdict> {
    const read = (file: string): string => readFileSync(join(this.#root, file), 'utf8');
    const files = seeded(mutant, read);
    if (!files) return 'stale';
    if (!passes(mutant.killer, this.#control)) return 'control fails';
    const before = [...files.keys()].map((file) => [file, read(file)] as const);
    try {
      this.#write(files);
      if (this.#checker?.complaint(files.keys()) !== undefined) return 'does not compile';
      return judge(mutant.killer, await this.#runTests([mutant.killer.file]));
    } finally {
      this.#write(before);
    }
  }

  async close(): Promise<void> {
    await this.#stopDatabase?.();
    rmSync(this.#root, { recursive: true, force: true });
  }

  async #prepare(
    mutants: readonly Mutant[],
    more: Readonly<Record<string, string>>,
  ): Promise<void> {
    const isCopied = (path: string): boolean =>
      dirname(path) !== ROOT || !LEFT_OUT.includes(basename(path));
    cpSync(ROOT, this.#root, { recursive: true, filter: isCopied });
    symlinkSync(join(ROOT, 'node_modules'), join(this.#root, 'node_modules'));
    this.#write(Object.entries(more));
    this.#checker = new TypeChecker(this.#root);
    this.#stopDatabase = await startDatabase();
    const files = new Set(mutants.map(({ killer }) => killer.file));
    const control = this.#runTests([...files]);
    // Beside the tests: it takes seconds of one core.
    const complaint = this.#checker.complaint();
    this.#control = await control;
    if (complaint !== undefined)
      throw new Error(`the source does not compile as it is: ${complaint}`);
  }

  #write(files: Iterable<readonly [file: string, text: string]>): void {
    for (const [file, text] of files) writeFileSync(join(this.#root, file), text);
  }

  /** Runs whole test files in a process of their own. @throws the reason of `stopping`. */
  async #runTests(files: readonly string[]): Promise<TestRun> {
    const report = join(this.#root, 'jest-report.json');
    rmSync(report, { force: true });
    const timeOut = AbortSignal.timeout(RUN_TIMEOUT_MS * files.length);
    const jest = [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
      join(this.#root, 'node_modules/jest/bin/jest.js'),
      `--config=${join(this.#root, 'test/torture/mutants/jest.config.mjs')}`,
      `--cacheDirectory=${join(this.#root, 'jest-cache')}`,
      ...[`--testTimeout=${TEST_TIMEOUT_MS}`, '--maxWorkers=2', '--ci', '--no-color'],
      // A bug may leave a timer or a socket behind; what the tests said is said by then.
      ...['--forceExit', '--json', `--outputFile=${report}`, '--runTestsByPath', ...files],
    ];
    const options = { cwd: this.#root, env: process.env, killSignal: 'SIGKILL' } as const;
    const either = AbortSignal.any([this.stopping, timeOut]);
    await runToEnd(process.execPath, jest, either, options).catch(() => undefined);
    this.stopping.throwIfAborted();
    if (!existsSync(report))
      return { end: timeOut.aborted ? 'out of time' : 'broken down', tests: [] };
    const json = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    return {
      end: json.numRuntimeErrorTestSuites > 0 ? 'broken down' : 'finished',
      tests: json.testResults.flatMap(({ assertionResults }) => assertionResults),
    };
  }
}

/** Jest's own set-up, once for all runs; it leaves TEST_DATABASE_URI in the environment. */
async function startDatabase(): Promise<() => Promise<void>> {
  const [start, stop] = await Promise.all(
    ['global-setup', 'global-teardown'].map(async (name) => {
      const module = new URL(`../../support/database/${name}.mjs`, import.meta.url);
      return ((await import(module.href)) as { default: () => Promise<void> }).default;
    }),
  );
  await start?.();
  return async () => stop?.();
}
