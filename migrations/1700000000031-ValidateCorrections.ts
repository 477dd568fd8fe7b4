import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ENTRY_CHECKS } from './1700000000027-AllowCorrections.js';

/**
 * Reads the entries that were there before corrections, while others read and write. A line of the
 * list of withdrawals looks up whether it was reversed, in an index that is nearly empty.
 */
export class ValidateCorrections1700000000031 implements MigrationInterface {
  readonly indexes = [
    ['reversals', `ledger_entries (order_num) INCLUDE (at) WHERE kind = 'REVERSAL'`],
  ] as const;

  async up(runner: QueryRunner): Promise<void> {
    for (const [name] of ENTRY_CHECKS)
      await runner.query(`ALTER TABLE gophermart.ledger_entries VALIDATE CONSTRAINT ${name}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX IF EXISTS gophermart.reversals');
  }
}
