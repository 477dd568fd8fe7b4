import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { giveOrders, startTestService, type TestService } from '../../support/http/test-service.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

describe('a list', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterAll(() => service.stop());

  const get = (who: Customer, path: string, method = 'GET'): Promise<RawReply> =>
    send(service.url, `${method} /api/user/${path}`, {
      headers: { authorization: who.authorization, 'accept-encoding': 'gzip' },
    });

  it.each(['orders', 'withdrawals'])(
    'of no %s is 204 with neither body nor content type',
    async (path) => {
      const customer = await service.customer();
      for (const method of ['GET', 'HEAD']) {
        const { status, text, headers } = await get(customer, path, method);
        expect([method, status, text]).toEqual([method, 204, '']);
        for (const header of [
          'content-type',
          'content-length',
          'content-encoding',
          'transfer-encoding',
        ]) {
          expect(headers).not.toHaveProperty(header);
        }
      }
    },
  );

  it('of orders shows the newest first', async () => {
    const customer = await service.customer();
    const numbers: string[] = [];
    for (let i = 0; i < 6; i++) {
      numbers.unshift(freshNumber());
      expect((await customer.upload(numbers[0] ?? '')).status).toBe(202);
    }
    await customer.upload(numbers.at(-1) ?? '');
    const orders = await customer.orders();
    expect(orders.map(({ number }) => number)).toEqual(numbers);
  });

  it('of withdrawals shows the newest first', async () => {
    const customer = await service.customerWith('100');
    const numbers: string[] = [];
    for (let i = 0; i < 6; i++) {
      numbers.unshift(freshNumber());
      expect((await customer.withdraw(numbers[0] ?? '', i + 0.25)).status).toBe(200);
    }
    const withdrawals = await customer.withdrawals();
    expect(withdrawals.map(({ order }) => order)).toEqual(numbers);
    expect(withdrawals.map(({ sum }) => sum)).toEqual([5.25, 4.25, 3.25, 2.25, 1.25, 0.25]);
  });

  it('of orders is a bare array of just these fields, exact sums and RFC 3339 times', async () => {
    const customer = await service.customer();
    const [waiting, awarded, unrewarded] = [freshNumber(), freshNumber(), freshNumber()];
    service.accrual.script(awarded, processed(awarded, '729.98'));
    service.accrual.script(unrewarded, processed(unrewarded, '0'));
    for (const number of [waiting, awarded, unrewarded]) await customer.upload(number);
    await eventually('two orders are processed', async () => {
      return (await customer.orders()).filter(({ status }) => status === 'PROCESSED').length === 2;
    });
    const reply = await send(service.url, 'GET /api/user/orders', {
      headers: { authorization: customer.authorization },
    });
    expect([reply.status, reply.headers['content-type']]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    const uploaded_at = expect.stringMatching(TIME);
    expect(JSON.parse(reply.text)).toEqual([
      { number: unrewarded, status: 'PROCESSED', uploaded_at },
      { number: awarded, status: 'PROCESSED', accrual: 729.98, uploaded_at },
      { number: waiting, status: expect.stringMatching(/^(NEW|PROCESSING)$/), uploaded_at },
    ]);
    expect(reply.text).toContain('"accrual":729.98,');
  });

  it('of withdrawals is a bare array of just these fields', async () => {
    const customer = await service.customerWith('100');
    const order = freshNumber();
    await customer.withdraw(order, '42.10');
    const reply = await send(service.url, 'GET /api/user/withdrawals', {
      headers: { authorization: customer.authorization },
    });
    expect([reply.status, reply.headers['content-type']]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(JSON.parse(reply.text)).toEqual([
      { order, sum: 42.1, processed_at: expect.stringMatching(TIME) },
    ]);
  });

  it('shows when things happened, in universal time', async () => {
    const customer = await service.customerWith('1');
    const number = freshNumber();
    const before = new Date().toISOString();
    await customer.upload(number);
    await customer.withdraw(freshNumber(), 1);
    const after = new Date().toISOString();
    const times = [
      before,
      (await customer.order(number))?.uploaded_at,
      (await customer.withdrawals())[0]?.processed_at,
      after,
    ];
    expect(times).toEqual([...times].sort());
  });

  it('shows nobody what is somebody else’s', async () => {
    const [rich, poor] = [await service.customerWith('5'), await service.customer()];
    await rich.withdraw(freshNumber(), 1);
    expect([await poor.orders(), await poor.withdrawals()]).toEqual([[], []]);
    expect(await poor.balance()).toEqual({ current: 0, withdrawn: 0 });
  });

  it('may be long', async () => {
    const customer = await service.customer();
    const numbers = Array.from({ length: 300 }, freshNumber);
    const replies = await Promise.all(numbers.map((number) => customer.upload(number)));
    expect(replies.every(({ status }) => status === 202)).toBe(true);
    expect((await customer.orders()).map(({ number }) => number).sort()).toEqual(
      [...numbers].sort(),
    );
  });

  it('may be so long that it is sent in pieces, packed too', async () => {
    const customer = await service.customer();
    await giveOrders(service, customer, 3_500);
    const plain = await send(service.url, 'GET /api/user/orders', {
      headers: { authorization: customer.authorization },
    });
    expect([plain.status, plain.headers['content-type']]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(JSON.parse(plain.text)).toHaveLength(3_500);
    const packed = await get(customer, 'orders');
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.bytes).toString()).toBe(plain.text);
    const { status, text } = await get(customer, 'orders', 'HEAD');
    expect([status, text]).toEqual([200, '']);
  });
});
