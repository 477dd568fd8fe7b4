import { Client } from 'pg';
import type { Corruption } from '../../support/corruptions/corruption.js';
import { CorruptibleBooks, corruptions } from '../../support/corruptions/corruptible-books.js';
import { reconcile, type Reconciled } from '../../support/database/reconciliation.js';
import type { PartReport } from '../part.js';
import type { Random } from '../support/random.js';
import type { LargeLedger } from './large-ledger.js';
import { runProgram } from './program.js';

const ACCOUNTS = 200;

/**
 * Of the corruptions, so many are shown to the built program as a process; a second each. The
 * others to the same code in this process.
 */
const SHOWN_TO_PROGRAM = 3;

interface SmallLedger extends LargeLedger {
  readonly random: Random;
}

/**
 * Plants every corruption in turn, in rows that the seed draws, and demands that it is named, and
 * nothing else is.
 */
export async function findAll({
  uri,
  seed,
  random,
  say,
  stopping,
}: SmallLedger): Promise<PartReport> {
  const client = new Client({ connectionString: uri });
  await client.connect();
  const violations: string[] = [];
  const all = random.shuffled(corruptions(ACCOUNTS, () => random.fraction()));
  let found = 0;
  try {
    const books = await CorruptibleBooks.generate((text) => client.query(text), ACCOUNTS, seed);
    violations.push(
      ...amiss({ name: 'nothing', plant: [], finds: [], names: [] }, await reconcile(uri), seed),
    );
    for (const [i, corruption] of all.entries()) {
      if (stopping.aborted) break;
      say(`planting ${corruption.name}`);
      await books.plant(corruption);
      const wrong = amiss(
        corruption,
        i < SHOWN_TO_PROGRAM ? await asProgram(uri, stopping) : await reconcile(uri),
        seed,
      );
      if (wrong.length === 0) found++;
      violations.push(...wrong);
      await books.restore();
    }
  } finally {
    await client.end();
  }
  return {
    facts: { 'corruptions planted': all.length, 'corruptions seen through': found },
    violations,
  };
}

async function asProgram(uri: string, stopping: AbortSignal): Promise<Reconciled> {
  const { exitCode, lines } = await runProgram(uri, stopping);
  return { exitCode: exitCode ?? -1, differences: lines.slice(0, -1), summary: lines.at(-1) ?? '' };
}

function amiss(
  { name, finds, names }: Corruption,
  { exitCode, differences }: Reconciled,
  seed: number,
): string[] {
  const violations: string[] = [];
  const wanted = [...finds].sort().join(', ');
  const named = differences.map((line) => line.slice(0, line.indexOf(':')));
  const strangers = differences.filter((line) => !names.some((each) => line.includes(each)));
  if (named.sort().join(', ') !== wanted)
    violations.push(`wanted ${wanted || 'nothing'}, found ${differences.join(' | ') || 'nothing'}`);
  else if (strangers.length > 0)
    violations.push(`named what nobody touched: ${strangers.join(' | ')}`);
  if (exitCode !== (finds.length === 0 ? 0 : 1)) violations.push(`exit code ${exitCode}`);
  return violations.map((each) => `${name} planted (seed ${seed}): ${each}`);
}
