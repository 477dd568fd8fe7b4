import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A receiver may want no more events, until an operator resumes its subscription. And events may
 * wait for one that a receiver does not take yet, while the cursor goes on: those of its lane
 * (ADR 0046).
 */
export class StopSubscriptions1700000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE gophermart.subscriptions
        ADD COLUMN stopped_at timestamptz,
        ADD COLUMN stopped_reason text CHECK (char_length(stopped_reason) <= 500)`);
    await runner.query(`
      CREATE TABLE gophermart.waiting_events (
        subscription text NOT NULL REFERENCES gophermart.subscriptions ON DELETE RESTRICT,
        lane         smallint NOT NULL,
        position     bigint NOT NULL,
        PRIMARY KEY (subscription, lane, position)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.waiting_events');
    await runner.query(`
      ALTER TABLE gophermart.subscriptions DROP COLUMN stopped_at, DROP COLUMN stopped_reason`);
  }
}
