import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What each reconciliation has added up. None of these totals shrinks, so the next run misses what
 * was lost with everything that belonged to it.
 */
export class CreateReconciledTotals1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE gophermart.reconciled_totals (
        id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at        timestamptz NOT NULL DEFAULT clock_timestamp(),
        users     bigint  NOT NULL,
        accounts  bigint  NOT NULL,
        orders    bigint  NOT NULL,
        entries   bigint  NOT NULL,
        accrued   numeric NOT NULL,
        withdrawn numeric NOT NULL
      )`);
    await runner.query(`
      CREATE TRIGGER totals_stay BEFORE UPDATE OR DELETE OR TRUNCATE
      ON gophermart.reconciled_totals FOR EACH STATEMENT
      EXECUTE FUNCTION gophermart.refuse('what a reconciliation has added up is kept')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE gophermart.reconciled_totals');
  }
}
