import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Fills `withdrawn_after` of the entries that were there before the column. Entries that are added
 * meanwhile have it, so this is an UPDATE of rows that nobody else touches: nobody waits for it. It
 * takes half a minute for a million entries, most of it in the three indexes.
 */
export class FillWithdrawnAfter1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE gophermart.ledger_entries e SET withdrawn_after = s.withdrawn_after
      FROM (
        SELECT id, sum(CASE kind WHEN 'WITHDRAWAL' THEN amount ELSE 0 END)
            OVER (PARTITION BY account_id ORDER BY version) AS withdrawn_after
        FROM gophermart.ledger_entries
      ) AS s
      WHERE e.id = s.id AND e.withdrawn_after IS NULL`);
  }

  /** The column goes with the migration before. */
  down(): Promise<void> {
    return Promise.resolve();
  }
}
