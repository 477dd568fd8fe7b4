import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataRejected } from '../../../src/kernel/application/persistence-errors.js';
import { translateFailure } from '../../../src/platform/postgres/failures.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { tamper } from '../../support/database/test-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';

/** The tests' role is a superuser: triggers hold for it too. */
describe('what was booked', () => {
  let open: OpenDatabase;
  let ann: string;
  let order: string;
  let number: string;

  beforeAll(async () => {
    open = await openDatabase();
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    number = freshNumber();
    ann = await open.books.user();
    order = await open.books.order(ann, { number });
  });

  const query = (text: string): Promise<unknown> => open.database.query(text);

  /** SQLSTATE of the first violation that a statement meets, and its message. */
  const refused = async (text: string): Promise<string> => {
    const error: unknown = await query(text).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(Error);
    // The service takes it for a rule of the books, not for a database that is away or a conflict.
    expect(translateFailure(error)).toBeInstanceOf(DataRejected);
    return (error as Error).message;
  };

  const earner = async (): Promise<string> => {
    const user = await open.books.user();
    await open.books.withdrawals(user, 1);
    return user;
  };

  it.each([
    ['UPDATE gophermart.ledger_entries SET amount = 1 WHERE account_id = ?', 'UPDATE'],
    ['UPDATE gophermart.ledger_entries SET at = now()', 'UPDATE'],
    ['DELETE FROM gophermart.ledger_entries WHERE account_id = ?', 'DELETE'],
    ['TRUNCATE gophermart.ledger_entries', 'TRUNCATE'],
  ])('stays in the ledger: %s', async (statement, operation) => {
    const user = await earner();
    await expect(refused(statement.replace('?', `'${user}'`))).resolves.toBe(
      `${operation} of gophermart.ledger_entries is refused: ` +
        'an entry of the ledger is never changed or removed',
    );
  });

  it('stays in the ledger when a merge or an upsert would change it', async () => {
    await earner();
    await refused(`
      MERGE INTO gophermart.ledger_entries e USING (SELECT 1) AS s ON true
      WHEN MATCHED THEN DELETE`);
    await refused(`
      INSERT INTO gophermart.ledger_entries SELECT * FROM gophermart.ledger_entries
      ON CONFLICT (id) DO UPDATE SET amount = 5`);
  });

  it.each([
    ['DELETE FROM gophermart.orders WHERE id = ?', 'DELETE'],
    ['TRUNCATE gophermart.orders CASCADE', 'TRUNCATE'],
  ])('stays with who uploaded it: %s', async (statement, operation) => {
    await expect(refused(statement.replace('?', `'${order}'`))).resolves.toBe(
      `${operation} of gophermart.orders is refused: ` +
        'an order number stays with the user who uploaded it first',
    );
  });

  it.each(['users', 'accounts', 'users, gophermart.accounts', 'orders, gophermart.queue'])(
    'is not emptied from under its owner: TRUNCATE %s CASCADE',
    async (tables) => {
      await expect(refused(`TRUNCATE gophermart.${tables} CASCADE`)).resolves.toMatch(
        /^TRUNCATE of gophermart\.\w+ is refused: /,
      );
    },
  );

  it('keeps its user, and their account', async () => {
    const user = await earner();
    for (const owner of [ann, user]) {
      await expect(refused(`DELETE FROM gophermart.users WHERE id = '${owner}'`)).resolves.toMatch(
        /violates .*foreign key constraint "(orders_user_id|ledger_entries_account_id)_fkey"|is refused: the account has points or had some/,
      );
      await refused(`UPDATE gophermart.users SET id = gen_random_uuid() WHERE id = '${owner}'`);
    }
    await expect(
      refused(`DELETE FROM gophermart.accounts WHERE user_id = '${user}'`),
    ).resolves.toBe('DELETE of gophermart.accounts is refused: the account has points or had some');
    await expect(
      refused(`DELETE FROM gophermart.users WHERE id = '${await open.books.user('5')}'`),
    ).resolves.toContain('the account has points or had some');
  });

  it('is nothing of a user without orders and points: their account goes with them', async () => {
    const nobody = await open.books.user();
    await query(`DELETE FROM gophermart.users WHERE id = '${nobody}'`);
    expect(await open.books.account(nobody)).toBe('none');
  });

  it.each([
    'num = num || 0',
    `user_id = '{bob}'`,
    `uploaded_at = uploaded_at + interval '1 second'`,
    'id = gen_random_uuid()',
  ])('is the upload of an order: SET %s', async (change) => {
    const bob = await open.books.user();
    await expect(
      refused(`UPDATE gophermart.orders SET ${change.replace('{bob}', bob)} WHERE id = '${order}'`),
    ).resolves.toBe(
      'UPDATE of gophermart.orders is refused: ' +
        'the number, the user and the time of an upload never change',
    );
  });

  it.each([
    ['NEW', 'PROCESSING', true],
    ['NEW', 'INVALID', true],
    ['NEW', 'PROCESSED', true],
    ['PROCESSING', 'NEW', false],
    ['PROCESSING', 'INVALID', true],
    ['PROCESSING', 'PROCESSED', true],
    ['INVALID', 'NEW', false],
    ['INVALID', 'PROCESSING', false],
    ['INVALID', 'PROCESSED', false],
    ['PROCESSED', 'NEW', false],
    ['PROCESSED', 'PROCESSING', false],
    ['PROCESSED', 'INVALID', false],
  ] as const)('is the final answer to an order: %s → %s: %s', async (from, to, isAllowed) => {
    const id = await open.books.order(ann, { status: from });
    const move = `UPDATE gophermart.orders SET status = '${to}' WHERE id = '${id}'`;
    if (isAllowed) await query(move);
    else
      await expect(refused(move)).resolves.toBe(
        'UPDATE of gophermart.orders is refused: an order that is INVALID or PROCESSED ' +
          'never changes, and none becomes NEW again',
      );
  });

  it('is the award of an order', async () => {
    const id = await open.books.order(ann, { status: 'PROCESSED' });
    await refused(`UPDATE gophermart.orders SET accrual = 5 WHERE id = '${id}'`);
  });

  it.each([
    [`UPDATE gophermart.accounts SET withdrawn = 'NaN'`],
    [
      `INSERT INTO gophermart.ledger_entries
       SELECT gen_random_uuid(), user_id, 1, 'ACCRUAL', 1, 'NaN', '18', now(), 0
       FROM gophermart.accounts LIMIT 1`,
    ],
    [
      `INSERT INTO gophermart.ledger_entries
       SELECT gen_random_uuid(), user_id, 1, 'ACCRUAL', 1, 1, '18', now(), 'NaN'
       FROM gophermart.accounts LIMIT 1`,
    ],
    [
      `INSERT INTO gophermart.ledger_entries
       SELECT gen_random_uuid(), user_id, 1, 'ACCRUAL', 1, 1, '18', now(), -1
       FROM gophermart.accounts LIMIT 1`,
    ],
  ])('is a number: %s', async (statement) => {
    await expect(query(statement)).rejects.toMatchObject({ code: '23514' });
  });

  it('is what a reconciliation has added up', async () => {
    for (const statement of [
      'UPDATE gophermart.reconciled_totals SET users = 0',
      'DELETE FROM gophermart.reconciled_totals',
      'TRUNCATE gophermart.reconciled_totals',
    ])
      await expect(refused(statement)).resolves.toContain(
        'what a reconciliation has added up is kept',
      );
  });

  it.each(['DELETE FROM', 'TRUNCATE'])('is counted by a gate that stays: %s', async (remove) => {
    await expect(refused(`${remove} gophermart.accrual_gate`)).resolves.toContain(
      'all replicas share its one row',
    );
  });

  it('is changed and removed by a superuser who switches the triggers off', async () => {
    await tamper(
      open.database,
      `UPDATE gophermart.orders SET num = num || 0 WHERE id = '${order}'`,
      `DELETE FROM gophermart.orders WHERE id = '${order}'`,
    );
    expect(await open.books.count('orders', `id = '${order}'`)).toBe(0);
    // For that commit only.
    await refused('DELETE FROM gophermart.orders');
  });
});
