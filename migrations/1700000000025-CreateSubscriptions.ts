import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who reads the journal, how far each has got, and what it could not pass on (ADR 0037). */
export class CreateSubscriptions1700000000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart.subscriptions (
        name         text PRIMARY KEY,
        cursor       jsonb NOT NULL,
        fence        bigint NOT NULL DEFAULT 0,
        leased_until timestamptz,
        started_at   timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await runner.query(`
      CREATE TABLE gophermart.parked_events (
        subscription text NOT NULL REFERENCES gophermart.subscriptions ON DELETE RESTRICT,
        position     bigint NOT NULL,
        reason       text NOT NULL CHECK (char_length(reason) <= 500),
        parked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
        retry        boolean NOT NULL DEFAULT false,
        PRIMARY KEY (subscription, position)
      )`);
    await runner.query(`
      CREATE INDEX parked_events_to_retry ON gophermart.parked_events (subscription, position)
      WHERE retry`);
    await runner.query(`
      CREATE TABLE gophermart.journal_restores (
        position   bigint PRIMARY KEY,
        noticed_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE gophermart.journal_restores, gophermart.parked_events, gophermart.subscriptions',
    );
  }
}
