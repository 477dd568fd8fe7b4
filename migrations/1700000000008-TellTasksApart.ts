import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Numbers unknown to the accrual system, or at fault there, are told from those that are being
 * calculated: they get a smaller share of a limit.
 */
export class TellTasksApart1700000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TYPE gophermart.task_standing AS ENUM ('FRESH', 'ASKED', 'DOUBTFUL')`,
    );
    await runner.query(
      `ALTER TABLE gophermart.queue
       ADD COLUMN standing gophermart.task_standing NOT NULL DEFAULT 'FRESH'`,
    );
    // An order is PROCESSING once the accrual system has said that it knows it.
    await runner.query(`
      UPDATE gophermart.queue q
      SET standing = CASE WHEN o.status = 'PROCESSING' THEN 'ASKED' ELSE 'DOUBTFUL'
        END::gophermart.task_standing
      FROM gophermart.orders o WHERE o.id = q.order_id AND q.asked`);
    await runner.query('DROP INDEX gophermart.queue_due');
    await runner.query('ALTER TABLE gophermart.queue DROP COLUMN asked');
    await runner.query(
      `CREATE INDEX queue_due ON gophermart.queue (standing, next_attempt_at)
       WHERE status <> 'FAILED'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX gophermart.queue_due');
    await runner.query(
      'ALTER TABLE gophermart.queue ADD COLUMN asked boolean NOT NULL DEFAULT false',
    );
    await runner.query(`UPDATE gophermart.queue SET asked = true WHERE standing <> 'FRESH'`);
    await runner.query('ALTER TABLE gophermart.queue DROP COLUMN standing');
    await runner.query('DROP TYPE gophermart.task_standing');
    await runner.query(
      `CREATE INDEX queue_due ON gophermart.queue (asked, next_attempt_at)
       WHERE status <> 'FAILED'`,
    );
  }
}
