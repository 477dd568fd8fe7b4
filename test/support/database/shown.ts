import type { TestDatabase } from './test-database.js';

/** What customers would be shown, by number and by user: of the books, and of a read model. */
const SHOWN = {
  books: [
    `SELECT num, user_id, status::text, accrual, date_trunc('milliseconds', uploaded_at) AS at
     FROM gophermart.orders ORDER BY num`,
    `SELECT user_id, balance, withdrawn FROM gophermart.accounts
     WHERE version > 0 ORDER BY user_id`,
    `SELECT account_id AS user_id, version AS revision, kind::text, order_num AS num,
       CASE kind WHEN 'WITHDRAWAL' THEN -amount ELSE amount END AS amount,
       date_trunc('milliseconds', at) AS at
     FROM gophermart.ledger_entries ORDER BY user_id, revision`,
  ],
  readModel: [
    `SELECT num, user_id, status, accrual, uploaded_at AS at
     FROM gophermart_query.orders ORDER BY num`,
    `SELECT DISTINCT ON (user_id) user_id, balance, withdrawn
     FROM gophermart_query.entries ORDER BY user_id, revision DESC`,
    `SELECT user_id, revision, kind, num, amount, at
     FROM gophermart_query.entries ORDER BY user_id, revision`,
  ],
} as const;

type Shown = { readonly [Row in 'orders' | 'balances' | 'entries']: readonly unknown[] };

/** Everything that customers could read. A read model equals the books when it has caught up. */
export async function shownBy(
  database: Pick<TestDatabase, 'query'>,
  source: keyof typeof SHOWN,
): Promise<Shown> {
  const [orders, balances, entries] = SHOWN[source];
  return {
    orders: await database.query(orders),
    balances: await database.query(balances),
    entries: await database.query(entries),
  };
}
