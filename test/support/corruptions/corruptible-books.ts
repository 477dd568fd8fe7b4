import type { Corruption, Draw } from './corruption.js';
import { corruptionsOfJournal } from './journal-corruptions.js';
import { corruptionsOfAccounts } from './account-corruptions.js';
import { corruptionsOfEntries } from './ledger-corruptions.js';
import {
  corruptionsOfCustomers,
  corruptionsOfOrders,
  corruptionsOfTasks,
} from './order-corruptions.js';
import { tamper } from '../database/test-database.js';
import { generateBooks, type Query } from './sample-books.js';

const TABLES = ['users', 'accounts', 'ledger_entries', 'orders', 'queue', 'events'] as const;

/** What a broken restore leaves out: all keys, CHECKs and generated values, and some NOT NULL. */
const WITHOUT_CONSTRAINTS = `
  DO $$
  DECLARE each record;
  BEGIN
    FOR each IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
      WHERE connamespace = 'gophermart'::regnamespace AND contype IN ('f', 'c', 'u', 'p')
        AND conrelid::regclass::text NOT LIKE '%migrations'
      ORDER BY contype = 'f' DESC
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.owner, each.conname); END LOOP;
  END $$;
  ALTER TABLE gophermart.accounts ALTER balance DROP NOT NULL;
  ALTER TABLE gophermart.ledger_entries ALTER amount DROP NOT NULL;
  ALTER TABLE gophermart.orders ALTER as_json DROP EXPRESSION`;

/** Small books in a database without constraints. They are sound until something is planted. */
export class CorruptibleBooks {
  private constructor(readonly query: Query) {}

  static async generate(query: Query, accounts: number, seed: number): Promise<CorruptibleBooks> {
    await generateBooks(query, accounts, seed);
    await query(WITHOUT_CONSTRAINTS);
    await query('CREATE SCHEMA kept');
    for (const table of TABLES)
      await query(`CREATE TABLE kept.${table} AS TABLE gophermart.${table}`);
    return new CorruptibleBooks(query);
  }

  async plant({ plant }: Corruption): Promise<void> {
    await tamper(this, ...plant);
  }

  async restore(): Promise<void> {
    const refill = TABLES.map(
      (table) =>
        `INSERT INTO gophermart.${table} OVERRIDING SYSTEM VALUE SELECT * FROM kept.${table}`,
    );
    const all = [...TABLES, 'reconciled_totals'].map((table) => `gophermart.${table}`);
    await tamper(this, `TRUNCATE ${all.join()}`, ...refill);
  }
}

/**
 * What broken restores, people and bugs can do to generated books: at least one corruption for
 * every kind of difference. Which rows it hits depends on the seed.
 *
 * @param random from 0 to 1, another for each call.
 */
export function corruptions(accounts: number, random: () => number): Corruption[] {
  const draw: Draw = (lastFigure) =>
    10 * Math.floor(1 + random() * (accounts / 10 - 2)) + lastFigure;
  return [
    corruptionsOfAccounts,
    corruptionsOfEntries,
    corruptionsOfOrders,
    corruptionsOfTasks,
    corruptionsOfCustomers,
    corruptionsOfJournal,
  ].flatMap((each) => each(draw));
}
