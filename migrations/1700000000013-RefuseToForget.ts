import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What owns something cannot be deleted: [owner and its key, what is owned, its column]. */
const OWNERS = [
  ['users (id)', 'orders', 'user_id'],
  ['accounts (user_id)', 'ledger_entries', 'account_id'],
] as const;

/** NaN is above every number: only an upper bound refuses it. */
const CHECKS = [
  ['accounts', 'withdrawn_is_a_number', `withdrawn < 'NaN'`],
  ['ledger_entries', 'balance_after_is_a_number', `balance_after < 'NaN'`],
  [
    'ledger_entries',
    'withdrawn_after_is_a_sum',
    `withdrawn_after IS NOT NULL AND withdrawn_after >= 0 AND withdrawn_after < 'NaN'`,
  ],
] as const;

/** [table, name, event, rows or statement, why it is refused]. */
const TRIGGERS = [
  [
    'ledger_entries',
    'entries_stay',
    'BEFORE UPDATE OR DELETE OR TRUNCATE',
    'FOR EACH STATEMENT',
    'an entry of the ledger is never changed or removed',
  ],
  [
    'orders',
    'orders_stay',
    'BEFORE DELETE OR TRUNCATE',
    'FOR EACH STATEMENT',
    'an order number stays with the user who uploaded it first',
  ],
  [
    'orders',
    'orders_keep_their_upload',
    'AFTER UPDATE',
    `FOR EACH ROW WHEN ((OLD.id, OLD.user_id, OLD.num, OLD.uploaded_at)
      IS DISTINCT FROM (NEW.id, NEW.user_id, NEW.num, NEW.uploaded_at))`,
    'the number, the user and the time of an upload never change',
  ],
  [
    'orders',
    'orders_keep_their_answer',
    'AFTER UPDATE',
    `FOR EACH ROW WHEN ((OLD.status, OLD.accrual) IS DISTINCT FROM (NEW.status, NEW.accrual)
      AND (OLD.status IN ('INVALID', 'PROCESSED') OR NEW.status = 'NEW'))`,
    'an order that is INVALID or PROCESSED never changes, and none becomes NEW again',
  ],
  ['users', 'users_stay', 'BEFORE TRUNCATE', 'FOR EACH STATEMENT', 'users own orders and accounts'],
  [
    'accounts',
    'accounts_stay',
    'BEFORE TRUNCATE',
    'FOR EACH STATEMENT',
    'accounts own the entries of the ledger',
  ],
  [
    'accounts',
    'accounts_with_points_stay',
    'BEFORE DELETE',
    'FOR EACH ROW WHEN (OLD.version > 0 OR OLD.balance <> 0 OR OLD.withdrawn <> 0)',
    'the account has points or had some',
  ],
  [
    'accrual_gate',
    'gate_stays',
    'BEFORE DELETE OR TRUNCATE',
    'FOR EACH STATEMENT',
    'all replicas share its one row',
  ],
] as const;

/**
 * What was booked is not changed and not removed (ADR 0028), by anybody: triggers hold for the
 * owner and for superusers too, until they switch them off for their session by
 * `session_replication_role = replica`.
 *
 * Users who own no order and whose accounts are empty may be deleted. Their accounts go with them,
 * as before.
 *
 * Triggers on statements cost the writers of the service nothing: it inserts entries and orders,
 * and deletes neither. Those on rows look at rows that foreign keys fetch anyway: a condition is
 * evaluated without calling the function.
 *
 * Constraints hold for new rows at once. The next migration looks at the old ones.
 */
export class RefuseToForget1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // All at once: locks that are taken one by one would deadlock with a service at work.
    await runner.query(
      'LOCK TABLE gophermart.orders, gophermart.users, gophermart.accounts, ' +
        'gophermart.ledger_entries',
    );
    await runner.query(`
      CREATE FUNCTION gophermart.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% of %.% is refused: %',
          TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
      END $$`);
    for (const [table, name, when, each, reason] of TRIGGERS)
      await runner.query(`
        CREATE TRIGGER ${name} ${when} ON gophermart.${table}
        ${each} EXECUTE FUNCTION gophermart.refuse('${reason}')`);
    await setDeleteAction(runner, 'RESTRICT NOT VALID');
    for (const [table, name, check] of CHECKS)
      await runner.query(
        `ALTER TABLE gophermart.${table} ADD CONSTRAINT ${name} CHECK (${check}) NOT VALID`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, name] of CHECKS)
      await runner.query(`ALTER TABLE gophermart.${table} DROP CONSTRAINT ${name}`);
    await setDeleteAction(runner, 'CASCADE');
    for (const [table, name] of TRIGGERS)
      await runner.query(`DROP TRIGGER ${name} ON gophermart.${table}`);
    await runner.query('DROP FUNCTION gophermart.refuse');
  }
}

async function setDeleteAction(runner: QueryRunner, action: string): Promise<void> {
  for (const [owner, table, column] of OWNERS)
    await runner.query(`
      ALTER TABLE gophermart.${table}
        DROP CONSTRAINT ${table}_${column}_fkey,
        ADD CONSTRAINT ${table}_${column}_fkey FOREIGN KEY (${column})
          REFERENCES gophermart.${owner} ON DELETE ${action}`);
}
