import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One account a user: a cache of the ledger, and the row that its movements are ordered by. */
export class CreateAccounts1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart.accounts (
        user_id   uuid PRIMARY KEY REFERENCES gophermart.users (id) ON DELETE CASCADE,
        balance   numeric(20, 2) NOT NULL DEFAULT 0 CHECK (balance >= 0 AND balance < 1e13),
        withdrawn numeric(20, 2) NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),
        version   bigint         NOT NULL DEFAULT 0 CHECK (version >= 0)
      ) WITH (fillfactor = 70)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.accounts');
  }
}
