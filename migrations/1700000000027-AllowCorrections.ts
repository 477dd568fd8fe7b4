import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ENTRY_DATA } from './1700000000023-CreateJournal.js';

const KINDS = ['ADJUSTMENT', 'REVERSAL'] as const;

/** [name, condition]. The next migration looks at the rows that are there. */
export const ENTRY_CHECKS = [
  [
    'amount_of_its_kind',
    `CASE kind WHEN 'ADJUSTMENT' THEN amount <> 0 AND amount BETWEEN -1e13 AND 1e13
      ELSE amount > 0 AND amount <= 1e13 END`,
  ],
  ['all_but_adjustments_have_an_order', `(kind = 'ADJUSTMENT') = (order_num IS NULL)`],
  [
    'corrections_have_a_reason',
    `(kind IN ('ADJUSTMENT', 'REVERSAL')) = (reason IS NOT NULL)
      AND char_length(reason) BETWEEN 1 AND 1000`,
  ],
] as const;

const ADDED = ENTRY_CHECKS.map(
  ([name, check]) => `ADD CONSTRAINT ${name} CHECK (${check}) NOT VALID`,
).join();

const recordEntries = (data: string): string => `
  CREATE OR REPLACE FUNCTION gophermart.ledger_entries_insert_is_recorded() RETURNS trigger
  LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO gophermart.events (type, subject, revision, at, data)
    SELECT 'transaction_processed', account_id, version, at, ${data}
    FROM added ORDER BY account_id, version;
    RETURN NULL;
  END $$`;

/** As before, with the reason at the end. */
export const WITH_REASON = `left(${ENTRY_DATA}, -1)
  || coalesce(',"reason":' || to_json(reason)::text, '') || '}'`;

/**
 * What operators correct are entries of two more kinds (ADR 0048): an ADJUSTMENT has a signed
 * amount and no order; a REVERSAL gives back the WITHDRAWAL of its order, of which the unique key
 * allows one. Versions before read them as entries of a kind that they do not know.
 */
export class AllowCorrections1700000000027 implements MigrationInterface {
  /** A new value can be used when its transaction has ended. */
  async step(runner: QueryRunner): Promise<undefined> {
    for (const kind of KINDS)
      await runner.query(`ALTER TYPE gophermart.entry_kind ADD VALUE IF NOT EXISTS '${kind}'`);
  }

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE gophermart.ledger_entries
        ADD COLUMN reason text,
        ALTER COLUMN order_num DROP NOT NULL,
        DROP CONSTRAINT ledger_entries_amount_check,
        ${ADDED}`);
    await runner.query(recordEntries(WITH_REASON));
  }

  /** The values stay: PostgreSQL cannot take them back. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(recordEntries(ENTRY_DATA));
    await runner.query(`
      ALTER TABLE gophermart.ledger_entries
        ${ENTRY_CHECKS.map(([name]) => `DROP CONSTRAINT ${name}`).join()},
        ADD CONSTRAINT ledger_entries_amount_check CHECK (amount > 0 AND amount <= 1e13),
        ALTER COLUMN order_num SET NOT NULL,
        DROP COLUMN reason`);
  }
}
