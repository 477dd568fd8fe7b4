import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Uploaded order numbers, unique for ever, and what became of them. */
export class CreateOrders1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TYPE gophermart.order_status AS ENUM ('NEW', 'PROCESSING', 'INVALID', 'PROCESSED')`,
    );
    await runner.query(`
      CREATE TABLE gophermart.orders (
        id          uuid PRIMARY KEY,
        user_id     uuid NOT NULL REFERENCES gophermart.users (id) ON DELETE CASCADE,
        num         text COLLATE "C" NOT NULL UNIQUE
                    CHECK (num ~ '^[0-9]+$' AND char_length(num) <= 1000),
        status      gophermart.order_status NOT NULL,
        accrual     numeric(20, 2) CHECK (accrual > 0 AND accrual < 1e13),
        uploaded_at timestamptz NOT NULL,
        CONSTRAINT only_processed_orders_have_an_accrual
          CHECK (accrual IS NULL OR status = 'PROCESSED')
      ) WITH (fillfactor = 80)`);
    await runner.query(
      'CREATE INDEX orders_of_user ON gophermart.orders (user_id, uploaded_at DESC, id DESC)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.orders');
    await runner.query('DROP TYPE gophermart.order_status');
  }
}
