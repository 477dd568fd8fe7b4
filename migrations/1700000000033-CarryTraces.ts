import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATED_DATA, orderData } from './1700000000023-CreateJournal.js';
import { TIME_OF_THE_ROW } from './1700000000026-DateOrderSteps.js';
import { WITH_REASON } from './1700000000027-AllowCorrections.js';

const TABLES = ['events', 'orders', 'ledger_entries'] as const;

const ACCRUAL = orderData('status', 'accrual');

/**
 * [function, its events]: as in `CreateJournal`, `DateOrderSteps` and `AllowCorrections`.
 *
 * @param of says where the trace of an event is.
 */
const recorded = (of: (row: string) => string): readonly (readonly [string, string])[] => [
  [
    'orders_insert_is_recorded',
    `SELECT 'order_created', user_id, 1, uploaded_at, ${CREATED_DATA}${of('added')} FROM added
     UNION ALL SELECT 'accrual_finished', user_id, 1, clock_timestamp(), ${ACCRUAL}${of('added')}
     FROM added WHERE status IN ('INVALID', 'PROCESSED')
     UNION ALL SELECT 'order_updated', user_id, 2, clock_timestamp(), ${ACCRUAL}${of('added')}
     FROM added WHERE status <> 'NEW'`,
  ],
  [
    'orders_update_is_recorded',
    `SELECT e.type, o.user_id, e.revision, ${TIME_OF_THE_ROW},
       ${orderData('o.status', 'o.accrual')}${of('o')}
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
    'queue_update_is_recorded',
    `SELECT t.type, o.user_id, CASE o.status WHEN 'NEW' THEN 1 ELSE 2 END, t.status_changed_at,
       '{"order":"' || o.num || CASE t.type
         WHEN 'accrual_failed' THEN '","reason":' || to_json(coalesce(t.reason, '')) || '}'
         ELSE '"}' END${of('o')}
     FROM (
       SELECT a.*, CASE
         WHEN a.status = 'FAILED' AND b.status <> 'FAILED' THEN 'accrual_failed'
         WHEN a.attempt > 0 AND b.attempt = 0 THEN 'accrual_started' END AS type
       FROM after a FULL JOIN before b USING (order_id) OFFSET 0
     ) AS t
     CROSS JOIN LATERAL (
       SELECT user_id, num, status${of('orders')}
       FROM gophermart.orders WHERE id = t.order_id OFFSET 0
     ) AS o
     WHERE t.type IS NOT NULL`,
  ],
  [
    'ledger_entries_insert_is_recorded',
    `SELECT 'transaction_processed', account_id, version, at, ${WITH_REASON}${of('added')}
     FROM added ORDER BY account_id, version`,
  ],
];

async function record(
  runner: QueryRunner,
  column: string,
  of: (row: string) => string,
): Promise<void> {
  for (const [name, events] of recorded(of))
    await runner.query(`
      CREATE OR REPLACE FUNCTION gophermart.${name}() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO gophermart.events (type, subject, revision, at, data${column})
        ${events};
        RETURN NULL;
      END $$`);
}

/**
 * Orders and entries keep the `traceparent` of the request that led to them, and the triggers copy
 * it to their events (ADR 0052). Whoever inserts rows without it goes on as before.
 */
export class CarryTraces1700000000033 implements MigrationInterface {
  /**
   * A column of one table, in a transaction of its own: writers take locks on two of them, and a
   * null column is an entry of the catalogues only.
   */
  async step(runner: QueryRunner): Promise<true | undefined> {
    for (const table of TABLES) {
      const found = (await runner.query(
        `SELECT FROM pg_attribute
         WHERE attrelid = 'gophermart.${table}'::regclass AND attname = 'trace'`,
      )) as object[];
      if (found.length > 0) continue;
      await runner.query(`ALTER TABLE gophermart.${table} ADD COLUMN trace text`);
      return true;
    }
    return undefined;
  }

  async up(runner: QueryRunner): Promise<void> {
    await record(runner, ', trace', (row) => `, ${row}.trace`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await record(runner, '', () => '');
    for (const table of TABLES)
      await runner.query(`ALTER TABLE gophermart.${table} DROP COLUMN trace`);
  }
}
