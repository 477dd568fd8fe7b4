import type { MigrationInterface, QueryRunner } from 'typeorm';
import { orderData } from './1700000000023-CreateJournal.js';

const FINAL = `('INVALID', 'PROCESSED')`;

/**
 * Replicas of the version before, and people, change the status without the times. Whoever brings
 * them along pays for the test of the condition only.
 */
const DATE_STEPS = `
  CREATE FUNCTION gophermart.date_order_step() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    now timestamptz := greatest(clock_timestamp(), OLD.uploaded_at, OLD.processing_at);
  BEGIN
    IF NEW.status = 'PROCESSING' THEN NEW.processing_at := now; ELSE NEW.finished_at := now; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER date_order_step BEFORE UPDATE ON gophermart.orders FOR EACH ROW WHEN (
    OLD.status IN ('NEW', 'PROCESSING') AND (
      NEW.status = 'PROCESSING' AND OLD.status = 'NEW' AND NEW.processing_at IS NULL
      OR NEW.status IN ${FINAL} AND NEW.finished_at IS NULL
    )
  ) EXECUTE FUNCTION gophermart.date_order_step()`;

/** Events of a change have the time of the row, and not that of their trigger. */
const recordUpdates = (at: string): string => `
  CREATE OR REPLACE FUNCTION gophermart.orders_update_is_recorded() RETURNS trigger
  LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO gophermart.events (type, subject, revision, at, data)
    SELECT e.type, o.user_id, e.revision, ${at}, ${orderData('o.status', 'o.accrual')}
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
    WHERE o.is_changed AND (e.turn = 2 OR o.status IN ${FINAL})
    ORDER BY o.id, e.turn;
    RETURN NULL;
  END $$`;

export const TIME_OF_THE_ROW = `
  coalesce(CASE o.status WHEN 'PROCESSING' THEN o.processing_at ELSE o.finished_at END, now.at)`;

const COLUMNS = `
  ALTER TABLE gophermart.orders
    ADD COLUMN processing_at timestamptz,
    ADD COLUMN finished_at timestamptz,
    ADD CONSTRAINT steps_are_in_order CHECK (
      processing_at >= uploaded_at AND finished_at >= coalesce(processing_at, uploaded_at)
    ) NOT VALID,
    ADD CONSTRAINT steps_were_taken CHECK (
      (processing_at IS NULL OR status <> 'NEW') AND (finished_at IS NULL OR status IN ${FINAL})
    ) NOT VALID`;

/**
 * An account's entries have the versions 1, 2, 3 …, and none is dated before the one before it. So
 * those of a time are found by halving, and no index has to be written with every entry.
 */
const FIND_BY_TIME = `
  CREATE FUNCTION gophermart.first_entry_since(account uuid, moment timestamptz) RETURNS bigint
  LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
  DECLARE
    low bigint := 1;
    high bigint := 1 + coalesce((
      SELECT version FROM gophermart.ledger_entries
      WHERE account_id = account ORDER BY version DESC LIMIT 1
    ), 0);
    middle bigint;
  BEGIN
    WHILE low < high LOOP
      middle := (low + high) / 2;
      IF (
        SELECT at < moment FROM gophermart.ledger_entries
        WHERE account_id = account AND version = middle
      ) THEN low := middle + 1; ELSE high := middle; END IF;
    END LOOP;
    RETURN low;
  END $$`;

/**
 * [name, what of]: pages of lists are read by them, also of what is rare in a long list.
 *
 * Where a kind is rare nobody knows: a plan is made once for all users and kinds. So that it never
 * reads the index of the whole list instead and leaves out the other kinds, these are ordered by
 * expressions of their own, which mean the same.
 */
const INDEXES = [
  [
    'orders_of_user_by_status',
    `orders (user_id, status, (uploaded_at AT TIME ZONE 'UTC') DESC, id DESC)`,
  ],
  [
    'orders_of_user_by_change',
    `orders (user_id, coalesce(finished_at, processing_at))
     WHERE coalesce(finished_at, processing_at) IS NOT NULL`,
  ],
  ['entries_of_account_by_kind', 'ledger_entries (account_id, kind, (-version))'],
] as const;

/**
 * When an order became PROCESSING, and when its answer was final; and what pages of lists are read
 * by (ADR 0044). Of orders that were there before, the times are not known.
 */
export class DateOrderSteps1700000000026 implements MigrationInterface {
  readonly indexes = INDEXES;

  /** Catalogues only, in a transaction of its own: the rest reads all orders. */
  async step(runner: QueryRunner): Promise<true | undefined> {
    const [found] = (await runner.query(
      `SELECT to_regprocedure('gophermart.date_order_step()') IS NOT NULL AS "isDone"`,
    )) as { readonly isDone: boolean }[];
    if (found?.isDone) return undefined;
    await runner.query(COLUMNS);
    await runner.query(DATE_STEPS);
    await runner.query(recordUpdates(TIME_OF_THE_ROW));
    await runner.query(FIND_BY_TIME);
    return true;
  }

  /** Others read and write meanwhile. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE gophermart.orders VALIDATE CONSTRAINT steps_are_in_order');
    await runner.query('ALTER TABLE gophermart.orders VALIDATE CONSTRAINT steps_were_taken');
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name] of INDEXES) await runner.query(`DROP INDEX IF EXISTS gophermart.${name}`);
    await runner.query('DROP FUNCTION gophermart.first_entry_since');
    await runner.query(recordUpdates('now.at'));
    await runner.query('DROP TRIGGER date_order_step ON gophermart.orders');
    await runner.query('DROP FUNCTION gophermart.date_order_step');
    await runner.query(
      'ALTER TABLE gophermart.orders DROP COLUMN processing_at, DROP COLUMN finished_at',
    );
  }
}
