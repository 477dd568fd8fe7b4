import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Reconciled } from '../database/reconciliation.js';
import { runToEnd } from './child.js';

export interface OperatorRun {
  readonly code: number | null;
  /** The lines of stdout. */
  readonly lines: readonly string[];
  readonly errors: string;
}

/**
 * An operator's command as a process, as `npm run <name> -- <args>` starts it, half a second of
 * npm's own apart.
 *
 * @param env is all that the process sees of the environment, besides what finds programs.
 */
export async function operate(
  name:
    'queue' | 'customer' | 'journal' | 'reconcile' | 'migrate' | 'backup' | 'restore' | 'simulator',
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<OperatorRun> {
  const { HOME = '' } = process.env;
  const script = name === 'simulator' ? ['scripts/simulator.mjs'] : ['scripts/operator.mjs', name];
  const run = await runToEnd(process.execPath, [...script, ...args], undefined, {
    env: { HOME, ...env },
    cwd: process.cwd(),
  });
  return {
    code: run.exitCode,
    lines: run.output.split('\n').slice(0, -1),
    errors: run.errors,
  };
}

/** What `npm run reconcile` runs, without the preparation of the clone. */
const RECONCILE = [
  join(import.meta.dirname, '../../../dist/src/service/operator/command.js'),
  'reconcile',
];

/** The built `npm run reconcile` as a process, which took so many seconds. */
export async function reconcileByProgram(
  uri: string,
  stopping: AbortSignal,
): Promise<Reconciled & { readonly errors: string; readonly seconds: number }> {
  const began = performance.now();
  const run = await runToEnd(process.execPath, [...RECONCILE, '-d', uri], stopping);
  const { exitCode, output, errors } = run;
  const lines = output.split('\n').slice(0, -1);
  return {
    exitCode: exitCode ?? -1,
    differences: lines.slice(0, -1),
    summary: lines.at(-1) ?? '',
    errors,
    seconds: (performance.now() - began) / 1_000,
  };
}

/** @returns what is wrong with the books, in a sentence; undefined: nothing. */
export async function contradiction(
  uri: string,
  stopping: AbortSignal,
): Promise<string | undefined> {
  const { exitCode, differences, errors } = await reconcileByProgram(uri, stopping);
  if (exitCode === 0) return undefined;
  return `the books contradict themselves: ${[...differences.slice(0, 5), errors].join(' | ')}`;
}

/**
 * The packages and the project's own files that a command loads, as V8 notes them for measuring
 * coverage.
 */
export async function loadedBy(
  name: Parameters<typeof operate>[0],
  args: readonly string[],
): Promise<{ packages: string[]; files: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-loaded-'));
  try {
    await operate(name, args, { NODE_V8_COVERAGE: folder });
    const urls = readdirSync(folder)
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Coverage)
      .flatMap(({ result }) => result.map(({ url }) => url))
      .filter((url) => url.startsWith('file:'));
    const packages = urls.flatMap(
      (url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [],
    );
    const files = urls.filter((url) => !url.includes('/node_modules/')).map((url) => basename(url));
    return { packages: [...new Set(packages)], files };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}
