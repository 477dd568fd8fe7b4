import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An outage is shown to operators, whatever number of orders waits. And the row says when it was
 * stored: one that was stored later than it is now shows that the clock was set back.
 */
export class ShowOutages1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE gophermart.accrual_gate
        ADD COLUMN unanswered_since timestamptz,
        ADD COLUMN unanswered_reason text CHECK (char_length(unanswered_reason) <= 500),
        ADD COLUMN saved_at timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE gophermart.accrual_gate
        DROP COLUMN unanswered_since, DROP COLUMN unanswered_reason, DROP COLUMN saved_at`);
  }
}
