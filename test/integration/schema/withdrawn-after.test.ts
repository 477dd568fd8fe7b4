import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { Books } from '../../support/database/books.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { reconcile } from '../../support/database/reconciliation.js';

/** The statement of the version before `withdrawn_after`, as its replicas still send it. */
const OLD_INSERT = `
  INSERT INTO gophermart.ledger_entries
    (id, account_id, version, kind, amount, balance_after, order_num, at)
  SELECT gen_random_uuid(), * FROM UNNEST($1::uuid[], $2::bigint[], $3::gophermart.entry_kind[],
    $4::numeric[], $5::numeric[], $6::text[], $7::timestamptz[])
    AS e (account_id, version, kind, amount, balance_after, order_num, at)
  ORDER BY order_num COLLATE "C", kind`;

const OLD_UPDATE = `
  UPDATE gophermart.accounts SET balance = $2, withdrawn = $3, version = $4 WHERE user_id = $1`;

type Entry = readonly [kind: 'ACCRUAL' | 'WITHDRAWAL', amount: number, number: string];

describe('ledger_entries.withdrawn_after', () => {
  let database: TestDatabase;
  let books: Books;

  beforeEach(async () => {
    database = await createTestDatabase();
    books = new Books(database);
  });

  afterEach(() => database.drop());

  /** Books a batch as a replica of the version before does, in one transaction. */
  async function book(user: string, ...entries: readonly Entry[]): Promise<void> {
    const [row] = await database.query<{ balance: string; withdrawn: string; version: string }>(
      'SELECT balance, withdrawn, version FROM gophermart.accounts WHERE user_id = $1',
      [user],
    );
    let [balance, withdrawn] = [Number(row?.balance), Number(row?.withdrawn)];
    const after = entries.map(([kind, amount]) => {
      if (kind === 'WITHDRAWAL') withdrawn += amount;
      return (balance += kind === 'ACCRUAL' ? amount : -amount);
    });
    const version = Number(row?.version);
    await database.query('BEGIN');
    await database.query(OLD_INSERT, [
      entries.map(() => user),
      entries.map((_, i) => version + 1 + i),
      entries.map(([kind]) => kind),
      entries.map(([, amount]) => amount),
      after,
      entries.map(([, , number]) => number),
      entries.map(() => new Date()),
    ]);
    await database.query(OLD_UPDATE, [user, balance, withdrawn, version + entries.length]);
    await database.query('COMMIT');
  }

  const withdrawnOf = async (user: string): Promise<string> => {
    const rows = await database.query<{ after: string }>(
      `SELECT withdrawn_after AS after FROM gophermart.ledger_entries
       WHERE account_id = $1 ORDER BY version`,
      [user],
    );
    return rows.map(({ after }) => after).join(' ');
  };

  it('is added to what a replica of the version before books, in any order', async () => {
    const [ann, bob] = [await books.user(), await books.user()];
    await book(ann, ['ACCRUAL', 100, '18'], ['ACCRUAL', 20, '26']);
    await book(bob, ['ACCRUAL', 5, '34']);
    // The second withdrawal is inserted first.
    await book(ann, ['WITHDRAWAL', 30, '91'], ['WITHDRAWAL', 1, '83'], ['WITHDRAWAL', 0.5, '75']);
    await book(bob, ['WITHDRAWAL', 5, '59']);
    await book(ann, ['ACCRUAL', 7, '42']);
    await book(ann, ['WITHDRAWAL', 7, '67']);
    expect(await withdrawnOf(ann)).toBe('0.00 0.00 30.00 31.00 31.50 31.50 38.50');
    expect(await withdrawnOf(bob)).toBe('0.00 5.00');
  });

  it('is filled for entries that were there before', async () => {
    const [ann, bob] = [await books.user(), await books.user()];
    const dataSource = new DataSource(dataSourceOptions(database.uri, 1));
    await dataSource.initialize();
    const hasColumn = async (): Promise<boolean> =>
      (
        await database.query(
          `SELECT FROM information_schema.columns WHERE column_name = 'withdrawn_after'`,
        )
      ).length > 0;
    while (await hasColumn()) await dataSource.undoLastMigration({ transaction: 'each' });
    await dataSource.destroy();
    await book(ann, ['ACCRUAL', 100, '18']);
    await book(ann, ['WITHDRAWAL', 30, '91'], ['WITHDRAWAL', 1, '83']);
    await book(bob, ['ACCRUAL', 5, '34']);
    await book(ann, ['ACCRUAL', 7, '42']);
    await migrate(database.uri);
    expect(await withdrawnOf(ann)).toBe('0.00 30.00 31.00 31.00');
    expect(await withdrawnOf(bob)).toBe('0.00');
    const { differences } = await reconcile(database.uri);
    expect(differences.filter((line) => line.includes('withdrawn'))).toEqual([]);
  });
});
