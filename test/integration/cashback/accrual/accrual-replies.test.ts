import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import {
  calculating,
  processed,
  type ScriptedReply,
} from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

/** What an accrual system may say before it says what is right. */
const NOT_YET: readonly (readonly [string, (number: string) => ScriptedReply])[] = [
  ['204', () => ({ status: 204 })],
  ['REGISTERED', (number) => calculating(number, 'REGISTERED')],
  ['PROCESSING', (number) => calculating(number)],
  ['429 for a second', () => ({ status: 429, headers: { 'Retry-After': '1' } })],
  ['429 for no time', () => ({ status: 429, headers: { 'Retry-After': '-5' } })],
  ['500', () => ({ status: 500 })],
  ['503 with HTML', () => ({ status: 503, body: '<html>busy</html>' })],
  ['HTML with 200', () => ({ status: 200, body: '<html>ok</html>' })],
  ['nothing', () => ({ status: 200 })],
  ['another order', () => ({ ...processed(freshNumber(), 1_000) })],
  [
    'an unknown status',
    (number) => ({ status: 200, body: `{"order":"${number}","status":"PAID","accrual":1000}` }),
  ],
  ['a negative accrual', (number) => processed(number, -1_000)],
  ['an accrual of 1e309', (number) => processed(number, '1e309')],
  ['an accrual as a string', (number) => processed(number, '"1000"')],
  ['an accrual of null', (number) => processed(number, 'null')],
  ['an accrual beyond all limits', (number) => processed(number, '10000000000000')],
  ['a redirect', () => ({ status: 302, headers: { Location: '/api/orders/0' } })],
  [
    'a reply of a megabyte',
    (number) => ({
      status: 200,
      body: `${processed(number, 1_000).body ?? ''}${' '.repeat(1_000_000)}`,
    }),
  ],
  [
    'half of a reply',
    (number) => ({ status: 200, body: (processed(number, 1_000).body ?? '').slice(0, -2) }),
  ],
];

describe('the whole service and the replies of the accrual system', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService({ settings: { cashback: { tickMs: 20 } } });
  });

  afterAll(() => service.stop());

  it('credits what is right in the end, to the kopeck, whatever was said before', async () => {
    const customer = await service.customer();
    const numbers = new Map(NOT_YET.map(([what]) => [what, freshNumber()]));
    for (const [what, script] of NOT_YET) {
      const number = numbers.get(what) ?? '';
      service.accrual.script(number, script(number), processed(number, '0.015'));
    }
    for (const number of numbers.values()) expect((await customer.upload(number)).status).toBe(202);
    await eventually('all orders are processed', async () =>
      (await customer.orders()).every(({ status }) => status === 'PROCESSED'),
    );
    expect((await customer.orders()).filter(({ accrual }) => accrual !== 0.02)).toEqual([]);
    expect(await customer.balance()).toEqual({ current: (NOT_YET.length * 2) / 100, withdrawn: 0 });
    expect(await service.database.query('SELECT * FROM gophermart.queue')).toEqual([]);
  });

  it('shows no accrual where there is no award, or an award of zero', async () => {
    const customer = await service.customer();
    const [none, zero, tiny] = [freshNumber(), freshNumber(), freshNumber()] as const;
    service.accrual.script(none, processed(none));
    service.accrual.script(zero, processed(zero, '0.00'));
    service.accrual.script(tiny, processed(tiny, `0.${'0'.repeat(29)}1`));
    for (const number of [none, zero, tiny]) await customer.upload(number);
    await eventually('all are processed', async () =>
      (await customer.orders()).every(({ status }) => status === 'PROCESSED'),
    );
    for (const order of await customer.orders()) expect(order).not.toHaveProperty('accrual');
    expect(await customer.balance()).toEqual({ current: 0, withdrawn: 0 });
  });

  it('reads a reply that begins with a byte order mark, and spends no try', async () => {
    const customer = await service.customer();
    const number = freshNumber();
    const { body = '', ...reply } = processed(number, 500);
    service.accrual.script(number, { ...reply, body: `\ufeff${body}` });
    await customer.upload(number);
    await eventually(
      'it is processed',
      async () => (await customer.order(number))?.status === 'PROCESSED',
    );
    const asked = service.accrual.requests.filter((each) => each.number === number);
    expect(asked).toHaveLength(1);
  });

  it('changes nothing when INVALID comes after PROCESSED', async () => {
    const customer = await service.customer();
    const number = await customer.earn('500', service.accrual);
    const [order] = await service.database.query<{ id: string }>(
      'SELECT id FROM gophermart.orders WHERE num = $1',
      [number],
    );
    for (const reply of [
      { status: 200, body: `{"order":"${number}","status":"INVALID"}` },
      processed(number, 900),
    ]) {
      service.accrual.script(number, reply);
      await service.database.query(
        `INSERT INTO gophermart.queue
           (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
         VALUES ($1, 'PENDING', now(), now(), now())`,
        [order?.id],
      );
      await eventually(
        'the task is gone',
        async () => (await service.database.query('SELECT 1 FROM gophermart.queue')).length === 0,
      );
      expect(await customer.order(number)).toMatchObject({ status: 'PROCESSED', accrual: 500 });
      expect(await customer.balance()).toEqual({ current: 500, withdrawn: 0 });
    }
  });
});
