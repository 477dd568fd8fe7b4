import { Client } from 'pg';
import { generateBooks } from '../../support/corruptions/sample-books.js';
import type { PartReport } from '../part.js';
import { runProgram } from './program.js';

/** Nine in ten have ten entries each: 1 008 000. */
const ACCOUNTS = 112_000;

/**
 * Measured 5 s on two cores, the start of the process included; a slow disk and a busy neighbour
 * are forgiven.
 */
const WITHIN_SECONDS = 30;

export interface LargeLedger {
  readonly uri: string;
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly stopping: AbortSignal;
}

/** Demands that a million entries are found right, in seconds. */
export async function reconcileMillion({
  uri,
  seed,
  say,
  stopping,
}: LargeLedger): Promise<PartReport> {
  say('generating a million entries');
  const began = performance.now();
  await load(uri, seed);
  const loaded = (performance.now() - began) / 1_000;
  say('reconciling a million entries');
  const { exitCode, lines, errors, seconds } = await runProgram(uri, stopping);
  const violations: string[] = [];
  if (exitCode !== 0) {
    violations.push(
      `books that are right (seed ${seed}): exit code ${exitCode ?? 'none'}: ${lines.slice(0, 5).join(' | ')} ${errors}`,
    );
  }
  if (seconds > WITHIN_SECONDS)
    violations.push(
      `a million entries took ${seconds.toFixed(1)} s, more than ${WITHIN_SECONDS} s`,
    );
  const facts = {
    'large ledger': lines.at(-1) ?? 'nothing was said',
    'seconds to generate it': loaded.toFixed(1),
    'seconds to reconcile it, process included': seconds.toFixed(1),
  };
  return { facts, violations };
}

async function load(uri: string, seed: number): Promise<void> {
  const client = new Client({ connectionString: uri });
  await client.connect();
  await generateBooks((text) => client.query(text), ACCOUNTS, seed).finally(() => client.end());
}
