import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every movement of points, never changed afterwards: one ACCRUAL and one WITHDRAWAL per order
 * number, whatever goes wrong above.
 */
export class CreateLedger1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TYPE gophermart.entry_kind AS ENUM ('ACCRUAL', 'WITHDRAWAL')`);
    await runner.query(`
      CREATE TABLE gophermart.ledger_entries (
        id            uuid PRIMARY KEY,
        account_id    uuid NOT NULL REFERENCES gophermart.accounts (user_id) ON DELETE CASCADE,
        version       bigint NOT NULL CHECK (version > 0),
        kind          gophermart.entry_kind NOT NULL,
        amount        numeric(20, 2) NOT NULL CHECK (amount > 0 AND amount <= 1e13),
        balance_after numeric(20, 2) NOT NULL CHECK (balance_after >= 0),
        order_num     text COLLATE "C" NOT NULL
                      CHECK (order_num ~ '^[0-9]+$' AND char_length(order_num) <= 1000),
        at            timestamptz NOT NULL,
        CONSTRAINT one_entry_per_order_and_kind UNIQUE (order_num, kind),
        CONSTRAINT one_entry_per_version UNIQUE (account_id, version)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.ledger_entries');
    await runner.query('DROP TYPE gophermart.entry_kind');
  }
}
