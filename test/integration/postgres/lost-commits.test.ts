import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AdjustPoints,
  RecountAccount,
  ReverseWithdrawal,
} from '../../../src/customers/application/correct-customer.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { Books } from '../../support/database/books.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { type Cut, TcpProxy } from '../../support/http/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('a connection that is cut at COMMIT', () => {
  let database: TestDatabase;
  let books: Books;
  let proxy: TcpProxy;
  let service: TestService;
  let customer: Customer;
  let userId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    books = new Books(database);
    proxy = await TcpProxy.start(database.uri);
    // Without the worker, every COMMIT is the one under test.
    service = await startTestService({
      database,
      databaseUri: proxy.uri,
      settings: { cashback: { enabled: false } },
    });
  });

  afterAll(async () => {
    await service.stop();
    await proxy.stop();
    await database.drop();
  });

  beforeEach(async () => {
    proxy.cutNext();
    proxy.cut = 0;
    customer = await service.customer();
    const [user] = await database.query<{ id: string }>(
      'SELECT id FROM gophermart.users WHERE login = $1',
      [customer.login],
    );
    userId = user?.id ?? '';
    await database.query('UPDATE gophermart.accounts SET balance = 100 WHERE user_id = $1', [
      userId,
    ]);
  });

  const CUTS: Cut[][] = [
    ['undelivered'],
    ['unanswered'],
    ['undelivered', 'unanswered'],
    ['unanswered', 'undelivered'],
  ];

  it.each(CUTS.map((cuts) => [cuts]))('stores an upload once and answers 202: %j', async (cuts) => {
    const number = freshNumber();
    proxy.cutNext(...cuts);
    const reply = await customer.upload(number);
    expect(proxy.cut).toBe(cuts.length);
    expect(reply.status).toBe(202);
    expect(await books.count('orders', `num = '${number}'`)).toBe(1);
    expect(
      await books.count(
        'queue',
        `order_id = (SELECT id FROM gophermart.orders WHERE num = '${number}')`,
      ),
    ).toBe(1);
    expect((await customer.upload(number)).status).toBe(200);
  });

  it.each(CUTS.map((cuts) => [cuts]))(
    'charges a withdrawal once and answers 200: %j',
    async (cuts) => {
      const number = freshNumber();
      proxy.cutNext(...cuts);
      const reply = await customer.withdraw(number, '60');
      expect(proxy.cut).toBe(cuts.length);
      expect(reply.status).toBe(200);
      expect(await books.account(userId)).toBe('40.00/60.00/1');
      expect((await customer.withdraw(number, '60')).status).toBe(200);
      expect((await customer.withdraw(freshNumber(), '60')).status).toBe(402);
      expect(await books.account(userId)).toBe('40.00/60.00/1');
    },
  );

  it('answers 503 when it is cut every time, and the next request tells the truth', async () => {
    const number = freshNumber();
    proxy.cutNext('undelivered', 'undelivered', 'undelivered');
    const reply = await customer.withdraw(number, '60');
    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(await books.account(userId)).toBe('100.00/0.00/0');
    expect((await customer.withdraw(number, '60')).status).toBe(200);
    expect(await books.account(userId)).toBe('40.00/60.00/1');
  });

  it('charges once though none of the answers to three commits arrived', async () => {
    const number = freshNumber();
    proxy.cutNext('unanswered', 'unanswered', 'unanswered');
    expect((await customer.withdraw(number, '60')).status).toBe(503);
    expect(await books.account(userId)).toBe('40.00/60.00/1');
    expect((await customer.withdraw(number, '60')).status).toBe(200);
    expect(await books.account(userId)).toBe('40.00/60.00/1');
  });

  it('answers each of a gathered batch as it would have been without the cut', async () => {
    proxy.cutNext('unanswered');
    const numbers = Array.from({ length: 8 }, freshNumber);
    const replies = await Promise.all(numbers.map((number) => customer.withdraw(number, '20')));
    expect(replies.map(({ status }) => status).sort()).toEqual([
      200, 200, 200, 200, 200, 402, 402, 402,
    ]);
    expect(await books.account(userId)).toBe('0.00/100.00/5');
  });

  it.each(CUTS.map((cuts) => [cuts]))(
    'tells an operator that a correction is made, and the next time was: %j',
    async (cuts) => {
      const get = service.app.get.bind(service.app);
      const number = freshNumber();
      await customer.withdraw(number, '60');
      const [by, reason, key] = ['ann', 'a complaint', freshNumber()];
      const sum = Money.exact('5');
      const adjustment = { userId, sum, isTaken: false, key, by, reason };
      const order = OrderNumber.parse(number);
      for (const correct of [
        () => get(AdjustPoints).execute(adjustment),
        () => get(ReverseWithdrawal).execute(order, { by, reason }),
        () => get(RecountAccount).execute(userId, { by }),
      ]) {
        const before = await books.account(userId);
        proxy.cut = 0;
        proxy.cutNext(...cuts);
        const made = await correct();
        expect([proxy.cut, made.isNew]).toEqual([cuts.length, true]);
        expect(before).toContain(made.before.balance.toFixed());
        expect(await books.account(userId)).toContain(made.after.balance.toFixed());
        await expect(correct()).resolves.toMatchObject({ isNew: false });
      }
    },
  );

  it('registers a login once and signs in', async () => {
    proxy.cutNext('unanswered');
    const registered = await service.customer();
    expect(proxy.cut).toBe(1);
    expect(await registered.balance()).toEqual({ current: 0, withdrawn: 0 });
    expect(
      await database.query('SELECT 1 FROM gophermart.users WHERE login = $1', [registered.login]),
    ).toHaveLength(1);
  });

  it('answers 503, not 500, while the database is away, and works when it is back', async () => {
    proxy.goDown();
    const number = freshNumber();
    const replies = await Promise.all([
      customer.upload(number),
      customer.withdraw(number, '1'),
      customer.call('GET', '/api/user/balance'),
      customer.call('GET', '/api/user/orders'),
      customer.call('GET', '/api/user/withdrawals'),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    proxy.comeBack();
    expect((await customer.upload(number)).status).toBe(202);
    expect((await customer.withdraw(number, '1')).status).toBe(200);
  });
});
