import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What an account has withdrawn in all, after each entry: the balance as of any moment can then be
 * read from one row. The next migration fills it.
 *
 * Replicas of the version before insert entries without it, so a trigger adds it. It reads the
 * account and not the entry before: such a batch is inserted in the order of its numbers, and the
 * entry before may come later. Withdrawals leave balance + withdrawn of an account alone, and so
 * does its own update after them; credits leave withdrawn alone. In books that contradict
 * themselves it is the amount at least, so that a withdrawal is never refused for it.
 *
 * Entries that bring the value along pay for the test of the condition only.
 */
export class AddWithdrawnAfter1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE gophermart.ledger_entries ADD COLUMN withdrawn_after numeric(20, 2)',
    );
    await runner.query(`
      CREATE FUNCTION gophermart.add_withdrawn_after() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        account gophermart.accounts;
      BEGIN
        SELECT * INTO account FROM gophermart.accounts WHERE user_id = NEW.account_id;
        NEW.withdrawn_after := CASE NEW.kind
          WHEN 'WITHDRAWAL'
            THEN greatest(NEW.amount, account.balance + account.withdrawn - NEW.balance_after)
          ELSE coalesce(account.withdrawn, 0)
        END;
        RETURN NEW;
      END $$`);
    await runner.query(`
      CREATE TRIGGER add_withdrawn_after BEFORE INSERT ON gophermart.ledger_entries
      FOR EACH ROW WHEN (NEW.withdrawn_after IS NULL)
      EXECUTE FUNCTION gophermart.add_withdrawn_after()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER add_withdrawn_after ON gophermart.ledger_entries');
    await runner.query('DROP FUNCTION gophermart.add_withdrawn_after');
    await runner.query('ALTER TABLE gophermart.ledger_entries DROP COLUMN withdrawn_after');
  }
}
