import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An RFC 3339 time, with all its digits; of a row by hand it may be `infinity`. */
const rfc3339 = (time: string): string =>
  `coalesce(to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), ${time}::text)`;

/*
 * The `data` of events, as the contract has it. Numbers of orders, enums and sums need no escaping:
 * a CHECK and their types see to that.
 */
export const REGISTERED_DATA = `'{"at":"' || ${rfc3339('registered_at')} || '"}'`;

export const orderData = (status: string, accrual: string): string =>
  `'{"order":"' || num || '","status":"' || ${status}
  || coalesce('","accrual":"' || ${accrual}::numeric(20,2), '') || '"}'`;

export const CREATED_DATA = `'{"order":"' || num || '","status":"NEW","uploaded_at":"'
  || ${rfc3339('uploaded_at')} || '"}'`;

export const ENTRY_DATA = `'{"transaction":"' || id || '","kind":"' || kind
  || coalesce('","order":"' || order_num, '')
  || CASE kind WHEN 'WITHDRAWAL' THEN '","amount":"-' ELSE '","amount":"' END || amount
  || '","balance":"' || balance_after || '","withdrawn":"' || withdrawn_after || '"}'`;

/**
 * [table, when, what the statement changed, its events].
 *
 * The revision of an order follows from what it was before: NEW is 1, and each change of status is
 * one more. A task finds its order NEW or PROCESSING.
 *
 * A session keeps the plan that it has made for the first statement, of one row or of ten thousand.
 * So nothing is left to choose: a FULL JOIN hashes both sides, and OFFSET 0 keeps it one and has
 * each order looked up by its key.
 */
const RECORDED = [
  [
    'users',
    'INSERT',
    'NEW TABLE AS added',
    `SELECT 'user_registered', id, NULL::bigint, registered_at, ${REGISTERED_DATA} FROM added`,
  ],
  [
    'users',
    'DELETE',
    'OLD TABLE AS removed',
    `SELECT 'user_forgotten', id, NULL::bigint, now.at,
       '{"at":"' || ${rfc3339('now.at')} || '"}'
     FROM removed, (SELECT clock_timestamp() AS at) AS now`,
  ],
  [
    'orders',
    'INSERT',
    'NEW TABLE AS added',
    // An order that is inserted by hand may have a status already.
    `SELECT 'order_created', user_id, 1, uploaded_at, ${CREATED_DATA} FROM added
     UNION ALL SELECT 'accrual_finished', user_id, 1, clock_timestamp(),
       ${orderData('status', 'accrual')}
     FROM added WHERE status IN ('INVALID', 'PROCESSED')
     UNION ALL SELECT 'order_updated', user_id, 2, clock_timestamp(),
       ${orderData('status', 'accrual')}
     FROM added WHERE status <> 'NEW'`,
  ],
  [
    'orders',
    'UPDATE',
    'OLD TABLE AS before NEW TABLE AS after',
    `SELECT e.type, o.user_id, e.revision, now.at, ${orderData('o.status', 'o.accrual')}
     FROM (
       SELECT a.*, CASE b.status WHEN 'NEW' THEN 1 ELSE 2 END AS found,
         (a.status, a.accrual) IS DISTINCT FROM (b.status, b.accrual) AS is_changed
       FROM after a FULL JOIN before b USING (id) OFFSET 0
     ) AS o
     CROSS JOIN LATERAL (VALUES
       (1, 'accrual_finished', o.found),
       (2, 'order_updated', o.found + 1)
     ) AS e (turn, type, revision),
     (SELECT clock_timestamp() AS at) AS now
     WHERE o.is_changed AND (e.turn = 2 OR o.status IN ('INVALID', 'PROCESSED'))
     ORDER BY o.id, e.turn`,
  ],
  [
    'queue',
    'UPDATE',
    'OLD TABLE AS before NEW TABLE AS after',
    `SELECT t.type, o.user_id, CASE o.status WHEN 'NEW' THEN 1 ELSE 2 END, t.status_changed_at,
       '{"order":"' || o.num || CASE t.type
         WHEN 'accrual_failed' THEN '","reason":' || to_json(coalesce(t.reason, '')) || '}'
         ELSE '"}' END
     FROM (
       SELECT a.*, CASE
         WHEN a.status = 'FAILED' AND b.status <> 'FAILED' THEN 'accrual_failed'
         WHEN a.attempt > 0 AND b.attempt = 0 THEN 'accrual_started' END AS type
       FROM after a FULL JOIN before b USING (order_id) OFFSET 0
     ) AS t
     CROSS JOIN LATERAL (
       SELECT user_id, num, status FROM gophermart.orders WHERE id = t.order_id OFFSET 0
     ) AS o
     WHERE t.type IS NOT NULL`,
  ],
  [
    'ledger_entries',
    'INSERT',
    'NEW TABLE AS added',
    `SELECT 'transaction_processed', account_id, version, at, ${ENTRY_DATA}
     FROM added ORDER BY account_id, version`,
  ],
] as const;

/**
 * The journal: an event for each change of users, orders and accounts, in the commit that makes the
 * change (ADR 0036). Triggers write it, so it also has what a replica of the version before
 * changes, and what somebody changes by hand.
 *
 * `xid` stands before `position`: columns get their values in this order, so a transaction has its
 * id before its first position, also where an event is the first thing it writes. Readers rely on
 * that.
 *
 * What was there before gets the positions up to `journal_fill.reserved`, by the next migration,
 * which ends before anybody reads.
 */
export class CreateJournal1700000000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart.events (
        xid      xid8   NOT NULL DEFAULT pg_current_xact_id(),
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        type     text   NOT NULL,
        subject  uuid,
        revision bigint,
        at       timestamptz,
        data     text   NOT NULL
      )`);
    await runner.query(`
      CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON gophermart.events
      FOR EACH STATEMENT EXECUTE FUNCTION gophermart.refuse('what has happened has happened')`);
    await runner.query(`
      LOCK TABLE gophermart.users, gophermart.queue, gophermart.orders, gophermart.ledger_entries
      IN SHARE ROW EXCLUSIVE MODE`);
    for (const [table, change, rows, events] of RECORDED) {
      const name = `${table}_${change.toLowerCase()}_is_recorded`;
      await runner.query(`
        CREATE FUNCTION gophermart.${name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO gophermart.events (type, subject, revision, at, data)
          ${events};
          RETURN NULL;
        END $$`);
      await runner.query(`
        CREATE TRIGGER ${name} AFTER ${change} ON gophermart.${table} REFERENCING ${rows}
        FOR EACH STATEMENT EXECUTE FUNCTION gophermart.${name}()`);
    }
    // Counting would hold the writers up: no page has more than 291 rows.
    await runner.query(`
      CREATE TABLE gophermart.journal_fill AS
      SELECT 0 AS source, NULL::uuid AS after_id, 0::bigint AS after_version, 0::bigint AS filled,
        291 * (
          pg_relation_size('gophermart.users') + pg_relation_size('gophermart.orders') * 3
            + pg_relation_size('gophermart.ledger_entries')
        ) / current_setting('block_size')::bigint AS reserved`);
    await runner.query(`
      SELECT setval(pg_get_serial_sequence('gophermart.events', 'position'), reserved)
      FROM gophermart.journal_fill WHERE reserved > 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, change] of RECORDED) {
      const name = `${table}_${change.toLowerCase()}_is_recorded`;
      await runner.query(`DROP TRIGGER ${name} ON gophermart.${table}`);
      await runner.query(`DROP FUNCTION gophermart.${name}`);
    }
    await runner.query('DROP TABLE IF EXISTS gophermart.journal_fill, gophermart.events');
  }
}
