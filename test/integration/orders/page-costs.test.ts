import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SqlAccountQueries } from '../../../src/account/infrastructure/sql-account-queries.js';
import type { JsonList } from '../../../src/kernel/application/json-lists.js';
import type { Transaction } from '../../../src/kernel/application/unit-of-work.js';
import { SqlOrderQueries } from '../../../src/orders/infrastructure/sql-order-queries.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import type { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';

const FIRST = Date.parse('2026-01-01T00:00:00Z');

/** Counted since the session last reported them: what earlier transactions read may be in it. */
async function rowsReadBy(transaction: Transaction): Promise<number> {
  const { rows } = await pgOf(transaction).query<{ rows: string }>(
    `SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0) AS rows
     FROM pg_stat_xact_user_tables WHERE schemaname = 'gophermart'`,
  );
  return Number(rows[0]?.rows);
}

/** How many blocks of tables and indexes the statement reads by the plan that the service uses. */
async function blocksReadBy(
  transaction: Transaction,
  text: string,
  parameters: readonly unknown[],
): Promise<number> {
  const client = pgOf(transaction);
  const literals = (parameters as (string | number | null)[][]).map(
    (each) => `'{${each.map((one) => (one === null ? 'NULL' : `"${one}"`)).join()}}'`,
  );
  await client.query('DEALLOCATE ALL', []);
  await client.query(`PREPARE page AS ${text}`, []);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page (${literals.join()})`,
    [],
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  return (plan?.['Shared Hit Blocks'] ?? NaN) + (plan?.['Shared Read Blocks'] ?? NaN);
}

describe('a page of a list of 100 000', () => {
  const LINES = 100_000;
  /** Rows of tables; a page has 20 lines. */
  const MOST_ROWS = 50;
  /** Other users, with five orders each. */
  const OTHERS = 20_000;
  /** For 20 lines, and for what is read of the catalogue. An index has 3 000 with this user. */
  const MOST_BLOCKS = 200;
  let open: OpenDatabase;
  let user: string;
  let orders: SqlOrderQueries;
  let accounts: SqlAccountQueries;
  let rows: number;
  let blocks: number;

  beforeAll(async () => {
    open = await openDatabase();
    user = await open.books.user();
    const counting = {
      query: (text: string, parameters: readonly unknown[]) =>
        open.unitOfWork.run(async (transaction) => {
          blocks = await blocksReadBy(transaction, text, parameters);
          const before = await rowsReadBy(transaction);
          const result = await pgOf(transaction).query(text, parameters);
          rows = (await rowsReadBy(transaction)) - before;
          return result;
        }),
    } as unknown as PgUnitOfWork;
    orders = new SqlOrderQueries(counting);
    accounts = new SqlAccountQueries(counting);
    await open.database.query('SET session_replication_role = replica');
    for (const [owner, digit] of [
      ['$1::uuid', 8],
      [`md5($1 || n % ${OTHERS})::uuid`, 7],
    ] as const) {
      await open.database.query(
        `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at, finished_at)
         SELECT gen_random_uuid(), ${owner}, '${digit}' || lpad(n::text, 7, '0'),
           CASE WHEN n % 25000 = 3 THEN 'NEW' ELSE 'INVALID' END::gophermart.order_status, at,
           CASE WHEN n % 25000 = 3 THEN NULL ELSE at END
         FROM generate_series(1, $2) n,
           LATERAL (SELECT $3::timestamptz + n * interval '1 s' AS at) t`,
        [user, LINES, new Date(FIRST)],
      );
      await open.database.query(
        `INSERT INTO gophermart.ledger_entries
           (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num, at)
         SELECT gen_random_uuid(), ${owner}, n,
           CASE WHEN n % 25000 = 3 THEN 'WITHDRAWAL' ELSE 'ACCRUAL' END::gophermart.entry_kind,
           1, n, 0, '${digit}' || lpad(n::text, 7, '0'), $3::timestamptz + n * interval '1 s'
         FROM generate_series(1, $2) n`,
        [user, LINES, new Date(FIRST)],
      );
    }
    await open.database.query('RESET session_replication_role');
    await open.database.query('VACUUM ANALYZE');
  });

  afterAll(() => open.close());

  function expectFew(): void {
    expect(rows).toBeLessThan(MOST_ROWS);
    expect(blocks).toBeLessThan(MOST_BLOCKS);
  }

  const page = { limit: 20 };
  const early = FIRST + 10_000;
  const middle = FIRST + 50_000_000;
  const rest = LINES - 1;

  it.each<[string, number, () => Promise<JsonList<unknown>>]>([
    ['the newest orders', 20, () => orders.list(user, page)],
    ['orders of the middle', 20, () => orders.list(user, { ...page, to: middle })],
    ['the oldest orders', 9, () => orders.list(user, { ...page, to: early })],
    [
      'orders of one status of a hundred thousand',
      4,
      () => orders.list(user, { ...page, only: ['NEW'] }),
    ],
    [
      'orders of no status that is there',
      0,
      () => orders.list(user, { ...page, only: ['PROCESSING'] }),
    ],
    [
      'old orders of a common status',
      8,
      () => orders.list(user, { ...page, only: ['INVALID'], to: early }),
    ],
    ['the newest entries', 20, () => accounts.history(user, page)],
    [
      'entries of the middle',
      20,
      () => accounts.history(user, { ...page, after: `${(rest / 2) | 0}` }),
    ],
    ['the oldest entries', 9, () => accounts.history(user, { ...page, to: early })],
    ['entries of a rare kind', 4, () => accounts.history(user, { ...page, only: ['WITHDRAWAL'] })],
    [
      'entries of a kind that is not there',
      0,
      () => accounts.history(user, { ...page, only: ['REVERSAL'] }),
    ],
    [
      'old entries of a common kind',
      8,
      () => accounts.history(user, { ...page, only: ['ACCRUAL'], to: early }),
    ],
    ['rare withdrawals', 4, () => accounts.withdrawals(user, page)],
    ['all withdrawals, where they are rare', 4, () => accounts.withdrawals(user)],
  ])('reads few rows and blocks for %s', async (_, lines, read) => {
    const { text } = await read();
    expect((JSON.parse(text as string) as unknown[]).length).toBe(lines);
    expect(rows).toBeGreaterThan(0);
    expect(blocks).toBeGreaterThan(0);
    expectFew();
  });

  it('reads few rows and blocks for the pages after it, and for a balance long ago', async () => {
    const middleOf = await orders.list(user, { ...page, to: middle });
    const after = await orders.list(user, { ...page, after: middleOf.next });
    expect((JSON.parse(after.text as string) as unknown[]).length).toBe(20);
    expectFew();
    const { next } = await orders.list(user, { limit: 2, only: ['NEW'] });
    const last = await orders.list(user, { limit: 2, only: ['NEW'], after: next });
    expect((JSON.parse(last.text as string) as unknown[]).length).toBe(2);
    expectFew();
    expect(await accounts.balance(user, early)).toBe('{"current":10,"withdrawn":0}');
    expectFew();
  });
});
