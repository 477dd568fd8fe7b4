import {
  CREATED_DATA,
  ENTRY_DATA,
  orderData,
  REGISTERED_DATA,
} from '../../migrations/1700000000023-CreateJournal.js';
import type { Query } from '../../test/support/processes/database-server.js';
import { userIdSql } from './users.js';

/** How much is in the books before the load begins. */
export interface BooksSize {
  /** Each with {@link ORDERS_PER_USER} settled orders. */
  readonly users: number;
  /** Orders that wait for the accrual system, of other users: all who send requests have lists of
   * the same length. */
  readonly queued: number;
}

/** What a scenario works on that asks for nothing else: 200 000 settled orders. */
export const STANDARD: BooksSize = { users: 10_000, queued: 0 };

export const ORDERS_PER_USER = 20;
/** One of them was refused, one earned nothing. */
const INVALID = 5;
const UNAWARDED = 10;
const AWARDS = ORDERS_PER_USER - 2;
/** Enough that no run empties an account. */
const AWARD = '50000.50';
const WITHDRAWALS = 5;

/** First digits of the order numbers in the books; 4 and 9 are left to those who write later. */
const SETTLED = 1;
const QUEUED = 2;
const PAID = 3;
/** Digits that are counted, in every number of the bench; what stands before them says whose. */
const COUNTED = 8;

/**
 * Fills migrated, empty tables with books that `npm run reconcile` finds right. It names only
 * columns that all schemas since migration 8 have, so that other builds can be filled too; where
 * the ledger has `withdrawn_after`, that too.
 */
export async function fill(query: Query, { users, queued }: BooksSize): Promise<void> {
  // To check foreign keys would be half of the time.
  await query('SET session_replication_role = replica');
  await query(`SET maintenance_work_mem = '256MB'`);
  const rebuild = await dropKeys(query);
  const [column] = await query(
    `SELECT FROM information_schema.columns
     WHERE table_schema = 'gophermart' AND column_name = 'withdrawn_after'`,
  );
  for (const statement of settled(users, column !== undefined)) await query(statement);
  if (queued > 0) {
    for (const statement of newcomers(users)) await query(statement);
    await query(queue({ first: users + 1, users, count: queued, batch: 0 }));
  }
  for (const statement of rebuild) await query(statement);
  const [journal] = await query(`SELECT WHERE to_regclass('gophermart.events') IS NOT NULL`);
  for (const statement of journal ? EVENTS : []) await query(statement);
  await query('RESET session_replication_role');
  await tidy(query);
}

/** More orders that wait; `batch` from 1, and never twice on the same books. */
export async function enqueue(
  query: Query,
  { users, count, batch }: { users: number; count: number; batch: number },
): Promise<void> {
  await query(queue({ first: 1, users, count, batch }));
  await query('ANALYZE gophermart.queue, gophermart.orders');
}

/** A list of `count` orders for one user. */
export async function giveOrders(query: Query, user: number, count: number): Promise<void> {
  await query(`
    INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
    SELECT uuidv7(), ${userIdSql(String(user))}, ${numberSql(500, 'n')}, 'INVALID',
      now() - n * interval '1 second'
    FROM generate_series(1, ${count}) n`);
  await tidy(query);
}

/**
 * An SQL expression for the order number that `prefix`, eight digits of the integer expression `n`
 * and the check digit make. Arithmetic is ten times as fast as a function of texts.
 */
function numberSql(prefix: number, n: string): string {
  const payload = `(${BigInt(prefix) * 10n ** BigInt(COUNTED)} + ${n})`;
  const places = Array.from({ length: COUNTED + String(prefix).length }, (_, place) => {
    const digit = `(${payload} / ${10n ** BigInt(place)} % 10)`;
    // Luhn doubles every second digit from the right, and adds up its digits: 7 makes 14 makes 5.
    return place % 2 === 0 ? `${digit} * 2 % 10 + ${digit} / 5` : digit;
  });
  return `(${payload} || ((10 - (${places.join(' + ')}) % 10) % 10)::text)`;
}

/** What the server would do within minutes anyhow, and then in the middle of a round. */
async function tidy(query: Query): Promise<void> {
  await query('VACUUM ANALYZE');
  await query('CHECKPOINT');
}

/**
 * Everybody's n-th order comes before anybody's next: a user's orders lie as far apart as time
 * would have put them.
 */
function settled(users: number, hasWithdrawnAfter: boolean): string[] {
  const everyone = `generate_series(1, ${users}) u`;
  const id = userIdSql('u');
  const [column, none, some] = hasWithdrawnAfter ? ['withdrawn_after,', '0,', 'k,'] : ['', '', ''];
  const orders = `generate_series(1, ${ORDERS_PER_USER}) k, ${everyone}`;
  const version = `k - (k > ${INVALID})::integer - (k > ${UNAWARDED})::integer`;
  const number = numberSql(SETTLED, '(k * 1000000 + u)');
  const at = `now() - (${ORDERS_PER_USER + 1} - k) * interval '1 hour'
    + u * interval '1 millisecond'`;
  return [
    `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
     SELECT ${id}, 'user-' || u, 'none', now() - interval '1 month' FROM ${everyone}`,
    `INSERT INTO gophermart.accounts (user_id, balance, withdrawn, version)
     SELECT ${id}, ${AWARDS} * ${AWARD} - ${WITHDRAWALS}, ${WITHDRAWALS}, ${AWARDS + WITHDRAWALS}
     FROM ${everyone}`,
    `INSERT INTO gophermart.orders (id, user_id, num, status, accrual, uploaded_at)
     SELECT uuidv7(), ${id}, ${number},
       CASE k WHEN ${INVALID} THEN 'INVALID' ELSE 'PROCESSED' END::gophermart.order_status,
       CASE WHEN k NOT IN (${INVALID}, ${UNAWARDED}) THEN ${AWARD} END, ${at}
     FROM ${orders}`,
    `INSERT INTO gophermart.ledger_entries
       (id, account_id, version, kind, amount, balance_after, ${column} order_num, at)
     SELECT uuidv7(), ${id}, ${version}, 'ACCRUAL', ${AWARD}, (${version}) * ${AWARD},
       ${none} ${number}, ${at}
     FROM ${orders} WHERE k NOT IN (${INVALID}, ${UNAWARDED})`,
    `INSERT INTO gophermart.ledger_entries
       (id, account_id, version, kind, amount, balance_after, ${column} order_num, at)
     SELECT uuidv7(), ${id}, ${AWARDS} + k, 'WITHDRAWAL', 1, ${AWARDS} * ${AWARD} - k,
       ${some} ${numberSql(PAID, '(k * 1000000 + u)')}, now() - interval '30 minutes'
     FROM generate_series(1, ${WITHDRAWALS}) k, ${everyone}`,
  ];
}

/** As many users again, who have nothing settled yet. */
function newcomers(users: number): string[] {
  const everyone = `generate_series(${users} + 1, 2 * ${users}) u`;
  return [
    `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
     SELECT ${userIdSql('u')}, 'user-' || u, 'none', now() FROM ${everyone}`,
    `INSERT INTO gophermart.accounts (user_id) SELECT ${userIdSql('u')} FROM ${everyone}`,
  ];
}

interface Queue {
  readonly first: number;
  readonly users: number;
  readonly count: number;
  readonly batch: number;
}

/** `count` orders that wait, of `users` users from the `first` one on. */
function queue({ first, users, count, batch }: Queue): string {
  return `
    WITH uploaded AS (
      INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
      SELECT uuidv7(), ${userIdSql(`${first} + n % ${users}`)},
        ${numberSql(QUEUED * 1_000 + batch, 'n')}, 'NEW', clock_timestamp()
      FROM generate_series(1, ${count}) n
      RETURNING id, uploaded_at
    )
    INSERT INTO gophermart.queue (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
    SELECT id, 'PENDING', uploaded_at, uploaded_at, uploaded_at FROM uploaded`;
}

/** What triggers would have written. */
const EVENTS = [
  `INSERT INTO gophermart.events (type, subject, at, data)
   SELECT 'user_registered', id, registered_at, ${REGISTERED_DATA}
   FROM gophermart.users ORDER BY id`,
  `INSERT INTO gophermart.events (type, subject, revision, at, data)
   SELECT e.type, user_id, e.revision, uploaded_at, e.data
   FROM gophermart.orders CROSS JOIN LATERAL (VALUES
     ('order_created', 1, ${CREATED_DATA}),
     ('accrual_finished', 1, ${orderData('status', 'accrual')}),
     ('order_updated', 2, ${orderData('status', 'accrual')})
   ) AS e (type, revision, data)
   WHERE e.type = 'order_created' OR status <> 'NEW' ORDER BY id, e.revision, e.type`,
  `INSERT INTO gophermart.events (type, subject, revision, at, data)
   SELECT 'transaction_processed', account_id, version, at, ${ENTRY_DATA}
   FROM gophermart.ledger_entries ORDER BY account_id, version`,
];

/**
 * Drops the keys of the large tables, primary ones apart: to build them over a million rows takes
 * half the time of keys that grow with each. @returns what builds them again.
 */
async function dropKeys(query: Query): Promise<string[]> {
  const keys = await query<{ drop: string; build: string }>(`
    SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass)
        ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::regclass, c.conname)
      END AS drop,
      CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
        ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s',
          i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
      END AS build
    FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype = 'u'
    WHERE i.indrelid IN ('gophermart.orders'::regclass, 'gophermart.ledger_entries'::regclass)
      AND NOT i.indisprimary`);
  for (const { drop } of keys) await query(drop);
  return keys.map(({ build }) => build);
}
