import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from '../../support/database/books.js';
import { journalOf, shortened } from '../../support/database/journal.js';
import { reconcile } from '../../support/database/reconciliation.js';
import { eventually } from '../../support/eventually.js';
import { calculating, invalid } from '../../support/fakes/scripted-accrual.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A time, and nothing else. */
const aTime = expect.stringMatching(TIME) as unknown;
const anId = expect.stringMatching(/^[\da-f-]{36}$/) as unknown;

describe('the events of what the service does', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService({
      settings: { cashback: { tickMs: 20, rules: { maxTries: 1 } } },
    });
  });

  afterAll(() => service.stop());

  const idOf = ({ authorization }: Customer): string => readClaims(authorization).sub;

  const eventsOf = async (customer: Customer): Promise<readonly unknown[]> =>
    shortened(await journalOf(service.database, idOf(customer)));

  const settled = (customer: Customer, number: string, status: string): Promise<void> =>
    eventually(status, async () => (await customer.order(number))?.status === status);

  it('tell the life of an order and of its points', async () => {
    const customer = await service.customer();
    const order = freshNumber();
    service.accrual.script(order, { status: 204 }, calculating(order), {
      status: 200,
      body: `{"order":"${order}","status":"PROCESSED","accrual":729.98}`,
    });
    await customer.upload(order);
    await settled(customer, order, 'PROCESSED');
    const paid = freshNumber();
    expect((await customer.withdraw(paid, '30')).status).toBe(200);
    expect(await eventsOf(customer)).toEqual([
      ['user_registered', null, { at: aTime }],
      ['order_created', 1, { order, status: 'NEW', uploaded_at: aTime }],
      ['accrual_started', 1, { order }],
      ['order_updated', 2, { order, status: 'PROCESSING' }],
      ['accrual_finished', 2, { order, status: 'PROCESSED', accrual: '729.98' }],
      ['order_updated', 3, { order, status: 'PROCESSED', accrual: '729.98' }],
      [
        'transaction_processed',
        1,
        {
          transaction: anId,
          kind: 'ACCRUAL',
          order,
          amount: '729.98',
          balance: '729.98',
          withdrawn: '0.00',
        },
      ],
      [
        'transaction_processed',
        2,
        {
          transaction: anId,
          kind: 'WITHDRAWAL',
          order: paid,
          amount: '-30.00',
          balance: '699.98',
          withdrawn: '30.00',
        },
      ],
    ]);
  });

  it('say in their data and beside it the same times as the lists', async () => {
    const customer = await service.customer();
    await customer.earn('5', service.accrual);
    const [order] = await customer.orders();
    const [, created] = await journalOf(service.database, idOf(customer));
    expect(created?.data).toMatchObject({ uploaded_at: order?.uploaded_at });
    expect(created?.at?.toISOString()).toBe(order?.uploaded_at);
  });

  it('tell of a refusal, which has no points', async () => {
    const customer = await service.customer();
    const order = freshNumber();
    service.accrual.script(order, invalid(order));
    await customer.upload(order);
    await settled(customer, order, 'INVALID');
    expect((await eventsOf(customer)).slice(3)).toEqual([
      ['accrual_finished', 1, { order, status: 'INVALID' }],
      ['order_updated', 2, { order, status: 'INVALID' }],
    ]);
  });

  it('tell of a parked order with the reason, whatever stands in it', async () => {
    const [customer, other] = [await service.customer(), await service.customer()];
    const order = freshNumber();
    service.accrual.script(order, { status: 200, body: '"\\ \u0001 </html>' });
    await customer.upload(order);
    await eventually('it is parked, for others are answered', async () => {
      await other.earn('1', service.accrual);
      return (await eventsOf(customer)).length > 4;
    });
    const [updated, failed] = (await eventsOf(customer)).slice(3) as [unknown, unknown];
    expect(updated).toEqual(['order_updated', 2, { order, status: 'PROCESSING' }]);
    expect(failed).toEqual(['accrual_failed', 2, { order, reason: expect.any(String) as unknown }]);
  });

  it('are none of what changed nothing', async () => {
    const [customer, other] = [await service.customer(), await service.customer()];
    const order = await customer.earn('5', service.accrual);
    const paid = freshNumber();
    await customer.withdraw(paid, '5');
    const before = [...(await eventsOf(customer)), ...(await eventsOf(other))];
    expect((await customer.upload(order)).status).toBe(200);
    expect((await other.upload(order)).status).toBe(409);
    expect((await customer.withdraw(paid, '5')).status).toBe(200);
    expect((await customer.withdraw(freshNumber(), '5')).status).toBe(402);
    expect(
      await customer.statusOf('POST', '/api/user/login', { login: 'nobody', password: 'x' }),
    ).toBe(401);
    expect([...(await eventsOf(customer)), ...(await eventsOf(other))]).toEqual(before);
  });

  it('come to the tables, whoever worked at once', async () => {
    const customers = await Promise.all(Array.from({ length: 8 }, () => service.customer()));
    await Promise.all(
      customers.map(async (customer) => {
        for (let i = 0; i < 5; i++) await customer.earn('10', service.accrual);
        await Promise.all(Array.from({ length: 8 }, () => customer.withdraw(freshNumber(), '7.5')));
      }),
    );
    const { exitCode, differences } = await reconcile(service.database.uri);
    expect([exitCode, differences]).toEqual([0, []]);
  });

  it('are written for what is changed by hand, too', async () => {
    const { database } = service;
    const books = new Books(database);
    const [user, owner] = [await books.user(), await books.user()];
    await database.query('DELETE FROM gophermart.users WHERE id = $1', [user]);
    expect(shortened(await journalOf(database, user))).toEqual([
      ['user_registered', null, { at: aTime }],
      ['user_forgotten', null, { at: aTime }],
    ]);
    const number = freshNumber();
    const order = await books.order(owner, { number, status: 'PROCESSING' });
    await database.query(
      `UPDATE gophermart.orders SET status = 'PROCESSED', accrual = 5 WHERE id = $1`,
      [order],
    );
    expect(shortened(await journalOf(database, owner)).slice(1)).toEqual([
      ['order_created', 1, { order: number, status: 'NEW', uploaded_at: aTime }],
      ['order_updated', 2, { order: number, status: 'PROCESSING' }],
      ['accrual_finished', 2, { order: number, status: 'PROCESSED', accrual: '5.00' }],
      ['order_updated', 3, { order: number, status: 'PROCESSED', accrual: '5.00' }],
    ]);
  });

  it.each([
    `UPDATE gophermart.events SET data = '{}'`,
    'DELETE FROM gophermart.events',
    'TRUNCATE gophermart.events',
  ])('stay: %s', async (statement) => {
    await expect(service.database.query(statement)).rejects.toThrow(
      'what has happened has happened',
    );
  });
});
