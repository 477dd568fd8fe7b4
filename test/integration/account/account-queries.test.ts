import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SqlAccountQueries } from '../../../src/account/infrastructure/sql-account-queries.js';
import type { JsonList } from '../../../src/kernel/application/json-lists.js';
import { UserMissing } from '../../../src/kernel/domain/domain-error.js';
import { SqlOrderQueries } from '../../../src/orders/infrastructure/sql-order-queries.js';
import type { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';

const ids = new UuidV7Ids();

describe('what a user sees of the books', () => {
  let open: OpenDatabase;
  let accounts: SqlAccountQueries;
  let orders: SqlOrderQueries;

  beforeAll(async () => {
    open = await openDatabase();
    accounts = new SqlAccountQueries(open.unitOfWork);
    orders = new SqlOrderQueries(open.unitOfWork);
  });

  afterAll(() => open.close());

  const entry = (
    user: string,
    version: number,
    kind: string,
    amount: string,
    number: string,
    at: string,
  ): Promise<unknown> =>
    open.database.query(
      'INSERT INTO gophermart.ledger_entries VALUES ($1, $2, $3, $4, $5, 0, $6, $7)',
      [ids.next(), user, version, kind, amount, number, at],
    );
  const order = (
    id: string,
    user: string,
    number: string,
    status: string,
    accrual: string | null,
    at: string,
  ): Promise<unknown> =>
    open.database.query('INSERT INTO gophermart.orders VALUES ($1, $2, $3, $4, $5, $6)', [
      id,
      user,
      number,
      status,
      accrual,
      at,
    ]);

  const textOf = async (list: Promise<JsonList<unknown>>): Promise<string> => {
    const { isEmpty, text } = await list;
    expect([isEmpty, typeof text]).toEqual([false, 'string']);
    return text as string;
  };

  it.each([
    ['0', '0', '{"current":0,"withdrawn":0}'],
    ['500.50', '42', '{"current":500.5,"withdrawn":42}'],
    ['0.05', '100', '{"current":0.05,"withdrawn":100}'],
    [
      '9999999999999.99',
      '123456789012345678.90',
      '{"current":9999999999999.99,"withdrawn":123456789012345678.9}',
    ],
  ])('shows a balance of %s and %s withdrawn as %s', async (balance, withdrawn, text) => {
    const user = await open.books.user(balance);
    await open.database.query('UPDATE gophermart.accounts SET withdrawn = $2 WHERE user_id = $1', [
      user,
      withdrawn,
    ]);
    await expect(accounts.balance(user)).resolves.toBe(text);
  });

  it('shows withdrawals only, the last entry first, whatever a replica’s clock said', async () => {
    const user = await open.books.user();
    const [a, b, c, d] = [
      freshNumber(),
      freshNumber(),
      freshNumber(),
      `00${freshNumber()}`,
    ] as const;
    await entry(user, 1, 'ACCRUAL', '1000', freshNumber(), '2026-01-01T00:00:00Z');
    await entry(user, 2, 'WITHDRAWAL', '500.10', a, '2026-01-02T10:00:00.1+03:00');
    await entry(user, 3, 'WITHDRAWAL', '0.01', b, '2026-01-03T00:00:00Z');
    await entry(user, 4, 'WITHDRAWAL', '7', c, '2026-01-03T00:00:00Z');
    await entry(user, 5, 'WITHDRAWAL', '751', d, '2026-01-02T23:59:59.999Z');
    expect(JSON.parse(await textOf(accounts.withdrawals(user)))).toEqual([
      { order: d, sum: 751, processed_at: '2026-01-02T23:59:59.999Z' },
      { order: c, sum: 7, processed_at: '2026-01-03T00:00:00.000Z' },
      { order: b, sum: 0.01, processed_at: '2026-01-03T00:00:00.000Z' },
      { order: a, sum: 500.1, processed_at: '2026-01-02T07:00:00.100Z' },
    ]);
  });

  it('shows orders newest first, the later id of one moment first, accruals if any', async () => {
    const user = await open.books.user();
    const [one, two, three, four] = [ids.next(), ids.next(), ids.next(), ids.next()].sort() as [
      string,
      string,
      string,
      string,
    ];
    const [a, b, c, d] = [freshNumber(), freshNumber(), freshNumber(), freshNumber()] as const;
    await order(three, user, c, 'PROCESSED', '729.90', '2026-01-02T00:00:00Z');
    await order(one, user, a, 'PROCESSED', null, '2026-01-02T00:00:00Z');
    await order(two, user, b, 'INVALID', null, '2026-01-03T00:00:00.005Z');
    await order(four, user, d, 'NEW', null, '2025-12-31T00:00:00Z');
    await expect(textOf(orders.list(user))).resolves.toBe(
      JSON.stringify([
        { number: b, status: 'INVALID', uploaded_at: '2026-01-03T00:00:00.005Z' },
        { number: c, status: 'PROCESSED', accrual: 729.9, uploaded_at: '2026-01-02T00:00:00.000Z' },
        { number: a, status: 'PROCESSED', uploaded_at: '2026-01-02T00:00:00.000Z' },
        { number: d, status: 'NEW', uploaded_at: '2025-12-31T00:00:00.000Z' },
      ]),
    );
  });

  it('tells times in UTC, whatever the zone of the session', async () => {
    await open.database.query(`SET TimeZone = 'Europe/Moscow'`);
    const user = await open.books.user();
    await entry(user, 1, 'WITHDRAWAL', '1', freshNumber(), '2026-01-02T10:00:00.1+03:00');
    await order(ids.next(), user, freshNumber(), 'NEW', null, '2026-01-02T10:00:00.1+03:00');
    const inMoscow = {
      query: async (text: string, parameters: unknown[]) => ({
        rows: await open.database.query(text, parameters),
      }),
    } as unknown as PgUnitOfWork;
    for (const list of [
      await new SqlAccountQueries(inMoscow).withdrawals(user),
      await new SqlOrderQueries(inMoscow).list(user),
    ])
      expect(await textOf(Promise.resolve(list))).toContain('_at":"2026-01-02T07:00:00.100Z"');
    await open.database.query('RESET TimeZone');
  });

  it('has nothing to show where there is nothing', async () => {
    const user = await open.books.user();
    await expect(orders.list(user)).resolves.toEqual({ isEmpty: true, text: '[]' });
    await expect(accounts.withdrawals(user)).resolves.toEqual({ isEmpty: true, text: '[]' });
  });

  it('tells a user with nothing to show from nobody', async () => {
    const nobody = ids.next();
    await expect(orders.list(nobody)).rejects.toThrow(UserMissing);
    await expect(accounts.withdrawals(nobody)).rejects.toThrow(UserMissing);
    await expect(accounts.balance(nobody)).rejects.toThrow(UserMissing);
  });

  it('reads for two hundred users by a few statements, and gives each the own', async () => {
    const users = await open.books.users(200);
    await open.database.query(
      `UPDATE gophermart.accounts a SET balance = u.place
       FROM UNNEST($1::uuid[]) WITH ORDINALITY AS u (id, place) WHERE a.user_id = u.id`,
      [users],
    );
    open.unitOfWork.statements = 0;
    const balances = await Promise.all(users.map((user) => accounts.balance(user)));
    // Three of 32, one of 100, and the rest.
    expect(open.unitOfWork.statements).toBe(5);
    expect(balances).toEqual(users.map((_, i) => `{"current":${i + 1},"withdrawn":0}`));
  });
});
