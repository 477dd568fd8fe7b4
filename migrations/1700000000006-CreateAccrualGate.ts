import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What all replicas know together of the accrual system: one row. */
export class CreateAccrualGate1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart.accrual_gate (
        only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        paused_until    timestamptz,
        breaker_open    boolean NOT NULL DEFAULT false,
        next_probe_at   timestamptz,
        rate_per_minute double precision CHECK (rate_per_minute > 0),
        rate_changed_at timestamptz,
        permits         double precision NOT NULL DEFAULT 0,
        refilled_at     timestamptz,
        CONSTRAINT an_open_breaker_probes CHECK (NOT breaker_open OR next_probe_at IS NOT NULL),
        CONSTRAINT a_rate_is_dated CHECK (
          rate_per_minute IS NULL OR (rate_changed_at IS NOT NULL AND refilled_at IS NOT NULL)
        )
      )`);
    await runner.query('INSERT INTO gophermart.accrual_gate DEFAULT VALUES');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.accrual_gate');
  }
}
