import {
  CREATED_DATA,
  ENTRY_DATA,
  orderData,
  REGISTERED_DATA,
} from '../../../migrations/1700000000023-CreateJournal.js';

/** Runs a statement as a superuser. */
export type Query = (text: string, parameters?: unknown[]) => Promise<unknown>;

/** How many awards an account has. A withdrawal of most of it follows each. */
const AWARDS = 5;
export const ENTRIES_PER_EARNER = 2 * AWARDS;

/**
 * Accounts whose place ends with this figure have never earned anything. The others have ten
 * entries each, interleaved by time.
 */
export const EMPTY = 9;

/** Withdraws for numbers that the next account has uploaded. */
const PAYS_FOR_ITS_NEIGHBOUR = 2;

/** The last figure of an account's place says in which state its extra order is. */
export const EXTRA = { NEW: 0, CALCULATING: 1, PARKED: 2, INVALID: 3, UNAWARDED: 4 } as const;

const id = (space: string, place: string): string =>
  `('019${space}0000-0000-7000-8000-' || lpad(to_hex(${place}), 12, '0'))::uuid`;
const idText = (space: string, place: number): string =>
  `019${space}0000-0000-7000-8000-${place.toString(16).padStart(12, '0')}`;

/**
 * Ids and numbers of what {@link generateBooks} makes; accounts are counted from 1, `k` from 1 to
 * 5, versions from 1 to 10.
 */
export const sample = {
  account: (i: number) => idText('0', i),
  order: (i: number, k: number) => idText('1', k * 10_000_000 + i),
  extraOrder: (i: number) => idText('3', i),
  entry: (i: number, version: number) => idText('2', version * 10_000_000 + i),
  number: (i: number, k: number) => `7${10_000_000_000 + k * 10_000_000 + i}`,
  extraNumber: (i: number) => `9${10_000_000_000 + i}`,
} as const;

/**
 * Fills empty tables with sound books, which depend on `seed` alone: every state of an order and of
 * a task, empty accounts, withdrawals for uploaded numbers of other people and for numbers that
 * were never uploaded. Foreign keys are not checked meanwhile: with a million entries that would
 * take half of the time.
 */
export async function generateBooks(query: Query, accounts: number, seed: number): Promise<void> {
  await query(`SET session_replication_role = replica`);
  for (const statement of STATEMENTS)
    await query(
      statement.replaceAll(':accounts', String(accounts)).replaceAll(':seed', String(seed)),
    );
  await query(`RESET session_replication_role`);
}

function forEachKey(statement: string): string {
  return `DO $$ DECLARE key record; BEGIN
    FOR key IN TABLE pg_temp.key LOOP EXECUTE format(${statement}); END LOOP;
  END $$`;
}

/**
 * The k-th award of account i is c kopecks, of which r are left by the withdrawal after it.
 */
const STATEMENTS = [
  `CREATE TEMP TABLE award AS
   SELECT i, k, r, r + 1 + abs(hashint8extended(i * 8 + k, :seed) % 100000) AS c
   FROM (
       SELECT i, 1 + abs(hashint8extended(i, :seed) % 500) AS r
       FROM generate_series(1, :accounts) i WHERE i % 10 <> ${EMPTY}
     ) a,
     generate_series(1, ${AWARDS}) k
   ORDER BY k, i`,
  `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
   SELECT ${id('0', 'i')}, 'customer-' || i, 'x', now() - interval '2 days'
   FROM generate_series(1, :accounts) i`,
  `INSERT INTO gophermart.accounts (user_id, balance, withdrawn, version)
   SELECT ${id('0', 'i')}, ${AWARDS} * min(r) / 100.0, sum(c - r) / 100.0, ${ENTRIES_PER_EARNER}
   FROM award GROUP BY i ORDER BY i`,
  `INSERT INTO gophermart.accounts (user_id)
   SELECT ${id('0', 'i')} FROM generate_series(1, :accounts) i WHERE i % 10 = ${EMPTY}`,
  `INSERT INTO gophermart.orders (id, user_id, num, status, accrual, uploaded_at)
   SELECT ${id('1', 'k * 10000000 + i')}, ${id('0', 'i')}, '7' || (10000000000 + k * 10000000 + i),
     'PROCESSED', c / 100.0, now() - interval '1 day'
   FROM award`,
  `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
   SELECT ${id('3', 'i')}, ${id('0', 'i')}, '9' || (10000000000 + i),
     (ARRAY['NEW', 'PROCESSING', 'PROCESSING', 'INVALID', 'PROCESSED'])[i % 10 + 1]
       ::gophermart.order_status,
     now() - interval '1 hour'
   FROM generate_series(1, :accounts) i WHERE i % 10 <= ${EXTRA.UNAWARDED}`,
  `INSERT INTO gophermart.queue
     (order_id, status, reason, enqueued_at, next_attempt_at, status_changed_at)
   SELECT ${id('3', 'i')},
     (ARRAY['PENDING', 'PROCESSING', 'FAILED'])[i % 10 + 1]::gophermart.task_status,
     CASE i % 10 WHEN ${EXTRA.PARKED} THEN 'status 500' END, now() - interval '1 hour', now(), now()
   FROM generate_series(1, :accounts) i WHERE i % 10 <= ${EXTRA.PARKED}`,
  // Keys that are built over a million rows take half the time of keys that grow with each.
  `CREATE TEMP TABLE key AS
   SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
   WHERE conrelid = 'gophermart.ledger_entries'::regclass AND contype IN ('p', 'u')`,
  forEachKey(`'ALTER TABLE gophermart.ledger_entries DROP CONSTRAINT %I', key.conname`),
  `INSERT INTO gophermart.ledger_entries
     (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num, at)
   SELECT ${id('2', '(2 * k - 1 + s) * 10000000 + i')}, ${id('0', 'i')}, 2 * k - 1 + s,
     CASE s WHEN 0 THEN 'ACCRUAL' ELSE 'WITHDRAWAL' END::gophermart.entry_kind,
     CASE s WHEN 0 THEN c ELSE c - r END / 100.0,
     CASE s WHEN 0 THEN (k - 1) * r + c ELSE k * r END / 100.0,
     (sum(s * (c - r)) OVER (PARTITION BY i ORDER BY k, s)) / 100.0,
     CASE WHEN s = 0 THEN '7' || (10000000000 + k * 10000000 + i)
       WHEN i % 10 = ${PAYS_FOR_ITS_NEIGHBOUR} THEN '7' || (10000000000 + k * 10000000 + i + 1)
       ELSE '8' || (10000000000 + k * 10000000 + i) END,
     now() - interval '1 day'
   FROM generate_series(0, 1) s, award ORDER BY k, s, i`,
  forEachKey(
    `'ALTER TABLE gophermart.ledger_entries ADD CONSTRAINT %I %s', key.conname, key.definition`,
  ),
  `DROP TABLE award, key`,
  // As a service would have recorded it that heard of each order's answer at once.
  `INSERT INTO gophermart.events (type, subject, revision, at, data)
   SELECT 'user_registered', id, NULL::bigint, registered_at, ${REGISTERED_DATA}
     FROM gophermart.users
   UNION ALL SELECT 'order_created', user_id, 1, uploaded_at, ${CREATED_DATA}
     FROM gophermart.orders
   UNION ALL SELECT 'accrual_finished', user_id, 1, uploaded_at,
       ${orderData('status', 'accrual')}
     FROM gophermart.orders WHERE status IN ('INVALID', 'PROCESSED')
   UNION ALL SELECT 'order_updated', user_id, 2, uploaded_at,
       ${orderData('status', 'accrual')}
     FROM gophermart.orders WHERE status <> 'NEW'
   UNION ALL SELECT 'transaction_processed', account_id, version, at, ${ENTRY_DATA}
     FROM gophermart.ledger_entries`,
  `ANALYZE gophermart.users, gophermart.accounts, gophermart.orders, gophermart.queue,
     gophermart.ledger_entries, gophermart.events`,
];
