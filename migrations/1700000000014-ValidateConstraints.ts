import type { MigrationInterface, QueryRunner } from 'typeorm';

const CONSTRAINTS = [
  ['orders', 'orders_user_id_fkey'],
  ['ledger_entries', 'ledger_entries_account_id_fkey'],
  ['accounts', 'withdrawn_is_a_number'],
  ['ledger_entries', 'balance_after_is_a_number'],
  ['ledger_entries', 'withdrawn_after_is_a_sum'],
] as const;

/**
 * Reads the rows that were there before the constraints. Others read and write meanwhile. NOT NULL
 * comes last: the CHECK has shown by then that it holds, and no row is read for it.
 */
export class ValidateConstraints1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, name] of CONSTRAINTS)
      await runner.query(`ALTER TABLE gophermart.${table} VALIDATE CONSTRAINT ${name}`);
    await runner.query(
      'ALTER TABLE gophermart.ledger_entries ALTER COLUMN withdrawn_after SET NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE gophermart.ledger_entries ALTER COLUMN withdrawn_after DROP NOT NULL',
    );
  }
}
