import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Unfinished work only: an order's task leaves with its final answer, so the table stays as small
 * as the backlog.
 */
export class CreateQueue1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TYPE gophermart.task_status AS ENUM ('PENDING', 'PROCESSING', 'FAILED')`,
    );
    await runner.query(`
      CREATE TABLE gophermart.queue (
        order_id          uuid PRIMARY KEY REFERENCES gophermart.orders (id) ON DELETE CASCADE,
        status            gophermart.task_status NOT NULL,
        tries             integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
        attempt           integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
        asked             boolean NOT NULL DEFAULT false,
        enqueued_at       timestamptz NOT NULL,
        next_attempt_at   timestamptz NOT NULL,
        status_changed_at timestamptz NOT NULL,
        reason            text CHECK (char_length(reason) <= 500),
        CONSTRAINT parked_with_a_reason CHECK (status <> 'FAILED' OR reason IS NOT NULL)
      ) WITH (
        fillfactor = 50,
        autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 2000,
        autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 5000,
        autovacuum_vacuum_cost_delay = 0
      )`);
    // PROCESSING too: a task whose lease ran out is due again. Numbers never asked about are found
    // without passing the others.
    await runner.query(
      `CREATE INDEX queue_due ON gophermart.queue (asked, next_attempt_at)
       WHERE status <> 'FAILED'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.queue');
    await runner.query('DROP TYPE gophermart.task_status');
  }
}
