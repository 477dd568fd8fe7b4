import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What histories show: the ids and reasons of entries, and when orders became what they are. What
 * operators have set accounts to: the `position` of the event says whether an entry came later. And
 * what pages of lists are read by (ADR 0044): `changed_at` and `processing_since` are when the read
 * model was told of a status, by its own clock.
 *
 * Events that were stored before did not leave all of this: the read model has to be sent all of
 * them again (`journal -- replay query`), and is not ready until it was.
 */
export class ShowHistories1700000000002 implements MigrationInterface {
  readonly indexes = [
    [
      'orders_of_user_by_status',
      `orders (user_id, status, (uploaded_at AT TIME ZONE 'UTC') DESC, created DESC)
       WHERE uploaded_at IS NOT NULL`,
    ],
    ['orders_of_user_by_change', 'orders (user_id, changed_at) WHERE changed_at IS NOT NULL'],
    ['entries_of_user_by_kind', 'entries (user_id, kind, (-revision))'],
    ['entries_of_user_by_time', 'entries (user_id, at, revision)'],
    ['reversals', `entries (num) INCLUDE (at) WHERE kind = 'REVERSAL'`],
  ] as const;

  async step(runner: QueryRunner): Promise<undefined> {
    await runner.query(`
      ALTER TABLE gophermart_query.orders
        ADD COLUMN IF NOT EXISTS processing_at timestamptz,
        ADD COLUMN IF NOT EXISTS finished_at timestamptz,
        ADD COLUMN IF NOT EXISTS processing_since timestamptz,
        ADD COLUMN IF NOT EXISTS changed_at timestamptz`);
    await runner.query(`
      ALTER TABLE gophermart_query.entries
        ADD COLUMN IF NOT EXISTS id uuid, ADD COLUMN IF NOT EXISTS reason text,
        ADD COLUMN IF NOT EXISTS position bigint`);
  }

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart_query.recounts (
        user_id   uuid PRIMARY KEY,
        position  bigint NOT NULL,
        balance   numeric(20, 2) NOT NULL,
        withdrawn numeric(20, 2) NOT NULL
      )`);
    await runner.query('DROP INDEX IF EXISTS gophermart_query.withdrawals_of_user');
    await runner.query('UPDATE gophermart_query.progress SET next = 1, is_caught_up = false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX IF EXISTS gophermart_query.reversals, gophermart_query.entries_of_user_by_time,
        gophermart_query.entries_of_user_by_kind, gophermart_query.orders_of_user_by_change,
        gophermart_query.orders_of_user_by_status`);
    await runner.query(`
      CREATE INDEX withdrawals_of_user ON gophermart_query.entries (user_id, revision DESC)
      WHERE kind = 'WITHDRAWAL'`);
    await runner.query('DROP TABLE gophermart_query.recounts');
    await runner.query(`
      ALTER TABLE gophermart_query.entries
        DROP COLUMN id, DROP COLUMN reason, DROP COLUMN position`);
    await runner.query(`
      ALTER TABLE gophermart_query.orders
        DROP COLUMN processing_at, DROP COLUMN finished_at,
        DROP COLUMN processing_since, DROP COLUMN changed_at`);
  }
}
