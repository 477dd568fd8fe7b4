import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Since when an operator holds the asking. Replicas of the version before do not know the column,
 * and leave it alone.
 */
export class AddHoldToAccrualGate1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE gophermart.accrual_gate ADD COLUMN held_since timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE gophermart.accrual_gate DROP COLUMN held_since');
  }
}
