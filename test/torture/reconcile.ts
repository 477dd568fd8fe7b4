import { CorruptibleBooks, corruptions } from '../support/corruptions/corruptible-books.js';
import { concerned, type Corruption } from '../support/corruptions/corruption.js';
import { generateBooks } from '../support/corruptions/sample-books.js';
import { reconcile, type Reconciled } from '../support/database/reconciliation.js';
import { DatabaseServer } from '../support/processes/database-server.js';
import { reconcileByProgram } from '../support/processes/operator-run.js';
import { migrate } from '../../src/platform/postgres/schema/migrate.js';
import type { Assignment, Part, PartReport } from './part.js';
import { Random } from './support/random.js';

/** Nine in ten have ten entries each: 1 008 000. */
const ACCOUNTS = 112_000;

/** Measured 18 s on two cores; a slow disk and a busy neighbour are forgiven. */
const WITHIN_SECONDS = 60;

const SMALL_ACCOUNTS = 200;

/** So many corruptions are shown to the built program, a second each; the others to its code. */
const SHOWN_TO_PROGRAM = 3;

export const RECONCILE: Part = {
  name: 'reconcile',
  meaning: 'reconciles a million entries in seconds, and finds every way to corrupt the books',
  share: 0,
  byDefault: true,
  async run(assignment) {
    assignment.say('starting the database');
    const server = await DatabaseServer.start();
    try {
      await server.create('small');
      for (const uri of [server.uri('small'), server.uri()])
        await migrate(uri, { stopping: assignment.stopping });
      const found = await findCorruptions(server, assignment);
      const million = await reconcileMillion(server, assignment);
      return {
        facts: { ...million.facts, ...found.facts },
        violations: [...million.violations, ...found.violations],
      };
    } finally {
      await server.stop();
    }
  },
};

/** Demands that a million entries are found right, in seconds. */
async function reconcileMillion(
  server: DatabaseServer,
  { seed, say, stopping }: Assignment,
): Promise<PartReport> {
  say('generating a million entries');
  const began = performance.now();
  await server.session(undefined, (query) => generateBooks(query, ACCOUNTS, seed));
  const generated = (performance.now() - began) / 1_000;
  say('reconciling a million entries');
  const run = await reconcileByProgram(server.uri(), stopping);
  const { exitCode, differences, summary, errors, seconds } = run;
  const violations: string[] = [];
  if (exitCode !== 0)
    violations.push(
      `books that are right: exit code ${exitCode}: ` +
        `${differences.slice(0, 5).join(' | ')} ${errors}`,
    );
  if (seconds > WITHIN_SECONDS)
    violations.push(`a million entries took ${seconds.toFixed(1)} s, not ${WITHIN_SECONDS}`);
  const facts = {
    'large ledger': summary,
    'seconds to generate it': generated.toFixed(1),
    'seconds to reconcile it, process included': seconds.toFixed(1),
  };
  return { facts, violations };
}

/**
 * Plants every corruption in turn, in rows that the seed draws, and demands that it is named, and
 * nothing else is.
 */
async function findCorruptions(
  server: DatabaseServer,
  { seed, say, stopping }: Assignment,
): Promise<PartReport> {
  const uri = server.uri('small');
  const random = new Random(seed).fork('reconcile');
  const all = random.shuffled(corruptions(SMALL_ACCOUNTS, () => random.fraction()));
  const violations: string[] = [];
  let found = 0;
  await server.session('small', async (query) => {
    const books = await CorruptibleBooks.generate(query, SMALL_ACCOUNTS, seed);
    const nothing = { name: 'nothing', plant: [], finds: [], names: [] };
    violations.push(...amiss(nothing, await reconcile(uri)));
    // Its totals are kept: what is lost next would be missed there, too.
    await books.restore();
    for (const [i, corruption] of all.entries()) {
      if (stopping.aborted) break;
      say(`planting ${corruption.name}`);
      await books.plant(corruption);
      const run = i < SHOWN_TO_PROGRAM ? reconcileByProgram(uri, stopping) : reconcile(uri);
      const wrong = amiss(corruption, await run);
      if (wrong.length === 0) found++;
      violations.push(...wrong);
      await books.restore();
    }
  });
  return { facts: { 'corruptions planted': all.length, 'corruptions found': found }, violations };
}

function amiss(corruption: Corruption, { exitCode, differences: all }: Reconciled): string[] {
  const { name, finds, names } = corruption;
  const differences = concerned(corruption, all);
  const violations: string[] = [];
  const wanted = [...finds].sort().join(', ');
  const named = differences.map((line) => line.slice(0, line.indexOf(':')));
  const strangers = differences.filter((line) => !names.some((each) => line.includes(each)));
  if (named.sort().join(', ') !== wanted)
    violations.push(`wanted ${wanted || 'nothing'}, found ${differences.join(' | ') || 'nothing'}`);
  else if (strangers.length > 0)
    violations.push(`named what nobody touched: ${strangers.join(' | ')}`);
  if (exitCode !== (finds.length === 0 ? 0 : 1)) violations.push(`exit code ${exitCode}`);
  return violations.map((each) => `${name} planted: ${each}`);
}
