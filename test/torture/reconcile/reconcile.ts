import { Client } from 'pg';
import { migrate } from '../../../src/platform/postgres/migrate.js';
import type { Assignment, Part, PartReport } from '../part.js';
import { Random } from '../support/random.js';
import { TortureDatabase } from '../support/torture-database.js';
import { findAll } from './corrupted-books.js';
import { reconcileMillion } from './large-ledger.js';

export const RECONCILE: Part = {
  name: 'reconcile',
  meaning:
    'books of a million entries are reconciled in seconds, and books corrupted in every way are seen through',
  share: 0,
  byDefault: true,
  run,
};

async function run(assignment: Assignment): Promise<PartReport> {
  const { seed, stopping } = assignment;
  const say = (line: string): void => assignment.say(line);
  const random = new Random(seed).fork('reconcile');
  say('starting the database');
  const database = await TortureDatabase.start();
  try {
    await migrate(database.uri, stopping);
    const small = await copyOf(database.uri, 'small');
    const found = await findAll({ uri: small, seed, random, say, stopping });
    const large = await reconcileMillion({ uri: database.uri, seed, say, stopping });
    return {
      facts: { ...large.facts, ...found.facts },
      violations: [...large.violations, ...found.violations],
    };
  } finally {
    await database.stop();
  }
}

/** Another database with the same tables, while they are empty. */
async function copyOf(uri: string, name: string): Promise<string> {
  const copy = new URL(uri);
  const original = copy.pathname.slice(1);
  copy.pathname = '/template1';
  const admin = new Client({ connectionString: copy.href });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${original}`);
  await admin.end();
  copy.pathname = `/${name}`;
  return copy.href;
}
