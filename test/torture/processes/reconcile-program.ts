import { join } from 'node:path';
import { runToEnd } from './child.js';

const PROGRAM = join(import.meta.dirname, '../../../scripts/reconcile.mjs');

export interface ReconcileRun {
  readonly exitCode: number | null;
  /** Differences, a line each. */
  readonly differences: readonly string[];
  /** The last line. */
  readonly summary: string;
  readonly errors: string;
  readonly seconds: number;
}

/** The built `npm run reconcile` as a process. */
export async function reconcileByProgram(
  uri: string,
  stopping: AbortSignal,
): Promise<ReconcileRun> {
  const began = performance.now();
  const run = await runToEnd(process.execPath, [PROGRAM, '-d', uri], stopping);
  const lines = run.output.split('\n').slice(0, -1);
  return {
    ...run,
    differences: lines.slice(0, -1),
    summary: lines.at(-1) ?? '',
    seconds: (performance.now() - began) / 1_000,
  };
}

/** @returns what is wrong with the books, a sentence; undefined: nothing. */
export async function contradiction(
  uri: string,
  stopping: AbortSignal,
): Promise<string | undefined> {
  const { exitCode, differences, errors } = await reconcileByProgram(uri, stopping);
  if (exitCode === 0) return undefined;
  return `the books contradict themselves: ${[...differences.slice(0, 5), errors].join(' | ')}`;
}
