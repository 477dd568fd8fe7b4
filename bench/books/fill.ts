import type { Query } from '../stage/database.js';
import { numberSql } from './luhn.js';
import { userIdSql } from './users.js';

/** How much is in the books before the load begins. */
export interface BooksSize {
  /** Each with {@link ORDERS_PER_USER} settled orders. */
  readonly users: number;
  /**
   * Orders that wait for the accrual system, of as many other users: whoever is at work has lists
   * of the same length in all books.
   */
  readonly queued: number;
}

export const ORDERS_PER_USER = 20;
/** One of them was refused, one earned nothing. */
const INVALID = 5;
const UNAWARDED = 10;
const AWARDS = ORDERS_PER_USER - 2;
/** Enough that no run empties an account. */
const AWARD = '50000.50';
const WITHDRAWALS = 5;

/**
 * First digits of the order numbers, by who made them; load generators and clients of the database
 * have 4 and 9.
 */
const SETTLED = 1;
const QUEUED = 2;
const PAID = 3;

/** Keys that are built over a million rows take half the time of keys that grow with each. */
const REBUILT = [
  { table: 'orders', index: 'orders_num_key' },
  { table: 'orders', index: 'orders_of_user' },
  { table: 'ledger_entries', index: 'one_entry_per_order_and_kind' },
  { table: 'ledger_entries', index: 'one_entry_per_version' },
];

/** Fills migrated, empty tables with books that `npm run reconcile` finds right. */
export async function fill(query: Query, { users, queued }: BooksSize): Promise<void> {
  // Foreign keys are not checked: of the time, that would be half.
  await query('SET session_replication_role = replica');
  await query(`SET maintenance_work_mem = '256MB'`);
  const rebuild = await dropKeys(query);
  for (const statement of settled(users)) await query(statement);
  if (queued > 0) {
    for (const statement of newcomers(users)) await query(statement);
    await query(queue({ first: users + 1, users, count: queued, batch: 0 }));
  }
  for (const statement of rebuild) await query(statement);
  await query('RESET session_replication_role');
  await settle(query);
}

/** More orders that wait; `batch` from 1, and never twice on the same books. */
export async function enqueue(
  query: Query,
  users: number,
  count: number,
  batch: number,
): Promise<void> {
  await query(queue({ first: 1, users, count, batch }));
  await query('ANALYZE gophermart.queue, gophermart.orders');
}

/** So many orders for one user: the list that nobody should ever ask for, and somebody will. */
export async function giveOrders(query: Query, user: number, count: number): Promise<void> {
  await query(`
    INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
    SELECT uuidv7(), ${userIdSql(String(user))}, ${numberSql(500, 'n')}, 'INVALID', now() - n * interval '1 second'
    FROM generate_series(1, ${count}) n`);
  await settle(query);
}

/** What would be done within minutes anyhow, and then in the middle of a round. */
async function settle(query: Query): Promise<void> {
  await query(
    'VACUUM ANALYZE gophermart.users, gophermart.accounts, gophermart.orders, gophermart.queue, gophermart.ledger_entries',
  );
  await query('CHECKPOINT');
}

/**
 * Everybody's n-th order comes before anybody's next: a user's orders lie as far apart as time
 * would have put them.
 */
function settled(users: number): string[] {
  const everyone = `generate_series(1, ${users}) u`;
  const id = userIdSql('u');
  const orders = `generate_series(1, ${ORDERS_PER_USER}) k, ${everyone}`;
  const version = `k - (k > ${INVALID})::integer - (k > ${UNAWARDED})::integer`;
  const number = numberSql(SETTLED, '(k * 1000000 + u)');
  const at = `now() - (${ORDERS_PER_USER + 1} - k) * interval '1 hour' + u * interval '1 millisecond'`;
  return [
    `INSERT INTO gophermart.users (id, login, password_hash, registered_at) SELECT ${id}, 'user-' || u, 'none', now() - interval '1 month' FROM ${everyone}`,
    `INSERT INTO gophermart.accounts (user_id, balance, withdrawn, version)
     SELECT ${id}, ${AWARDS} * ${AWARD} - ${WITHDRAWALS}, ${WITHDRAWALS}, ${AWARDS + WITHDRAWALS} FROM ${everyone}`,
    `INSERT INTO gophermart.orders (id, user_id, num, status, accrual, uploaded_at)
     SELECT uuidv7(), ${id}, ${number}, CASE k WHEN ${INVALID} THEN 'INVALID' ELSE 'PROCESSED' END::gophermart.order_status,
       CASE WHEN k NOT IN (${INVALID}, ${UNAWARDED}) THEN ${AWARD} END, ${at}
     FROM ${orders}`,
    `INSERT INTO gophermart.ledger_entries (id, account_id, version, kind, amount, balance_after, order_num, at)
     SELECT uuidv7(), ${id}, ${version}, 'ACCRUAL', ${AWARD}, (${version}) * ${AWARD}, ${number}, ${at}
     FROM ${orders} WHERE k NOT IN (${INVALID}, ${UNAWARDED})`,
    `INSERT INTO gophermart.ledger_entries (id, account_id, version, kind, amount, balance_after, order_num, at)
     SELECT uuidv7(), ${id}, ${AWARDS} + k, 'WITHDRAWAL', 1, ${AWARDS} * ${AWARD} - k, ${numberSql(PAID, '(k * 1000000 + u)')}, now() - interval '30 minutes'
     FROM generate_series(1, ${WITHDRAWALS}) k, ${everyone}`,
  ];
}

/** As many users again, who have nothing settled yet. */
function newcomers(users: number): string[] {
  const everyone = `generate_series(${users} + 1, 2 * ${users}) u`;
  return [
    `INSERT INTO gophermart.users (id, login, password_hash, registered_at) SELECT ${userIdSql('u')}, 'user-' || u, 'none', now() FROM ${everyone}`,
    `INSERT INTO gophermart.accounts (user_id) SELECT ${userIdSql('u')} FROM ${everyone}`,
  ];
}

interface Queue {
  readonly first: number;
  readonly users: number;
  readonly count: number;
  readonly batch: number;
}

/** `count` orders that wait, of so many users from the `first` one on. */
function queue({ first, users, count, batch }: Queue): string {
  return `
    WITH uploaded AS (
      INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
      SELECT uuidv7(), ${userIdSql(`${first} + n % ${users}`)}, ${numberSql(QUEUED * 1_000 + batch, 'n')}, 'NEW', clock_timestamp()
      FROM generate_series(1, ${count}) n
      RETURNING id, uploaded_at
    )
    INSERT INTO gophermart.queue (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
    SELECT id, 'PENDING', uploaded_at, uploaded_at, uploaded_at FROM uploaded`;
}

/** @returns what builds them again. */
async function dropKeys(query: Query): Promise<string[]> {
  const rebuild: string[] = [];
  for (const { table, index } of REBUILT) {
    const [constraint] = await query<{ definition: string }>(
      'SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conname = $1',
      [index],
    );
    const [plain] = await query<{ definition: string }>(
      `SELECT pg_get_indexdef(to_regclass($1)) AS definition`,
      [`gophermart.${index}`],
    );
    rebuild.push(
      constraint
        ? `ALTER TABLE gophermart.${table} ADD CONSTRAINT ${index} ${constraint.definition}`
        : (plain?.definition ?? ''),
    );
    await query(
      constraint
        ? `ALTER TABLE gophermart.${table} DROP CONSTRAINT ${index}`
        : `DROP INDEX gophermart.${index}`,
    );
  }
  return rebuild;
}
