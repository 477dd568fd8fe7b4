import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { detailOf, expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { giveOrders, startTestService, type TestService } from '../../support/http/test-service.js';

const LISTS = ['orders', 'withdrawals', 'balance/history'] as const;
const FROM = '2026-01-01T00:00:00Z';

describe('pages of lists', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService({ settings: { cashback: { tickMs: 20 } } });
    customer = await service.customerWith('100');
    for (let i = 0; i < 5; i++) await customer.withdraw(freshNumber(), i + 1);
    await giveOrders(service, customer, 60);
  });

  afterAll(() => service.stop());

  const get = (path: string, who = customer): Promise<RawReply> =>
    send(service.url, `GET /api/user/${path}`, { headers: { authorization: who.authorization } });

  const linkOf = ({ headers }: RawReply): string | undefined =>
    /^<([^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];

  const linesOf = ({ text }: RawReply): unknown[] =>
    text === '' ? [] : (JSON.parse(text) as unknown[]);

  /** All lines, by following the links. */
  const follow = async (path: string): Promise<unknown[]> => {
    const lines: unknown[] = [];
    for (let next: string | undefined = `/api/user/${path}`; next !== undefined;) {
      const reply: RawReply = await get(next.replace('/api/user/', ''));
      expect(reply.status).toBe(200);
      lines.push(...linesOf(reply));
      next = linkOf(reply);
    }
    return lines;
  };

  it.each(LISTS)('of %s come to the whole list', async (path) => {
    const whole = await get(path);
    expect(whole.headers).not.toHaveProperty('link');
    expect(await follow(`${path}?limit=2`)).toEqual(linesOf(whole));
    expect(await follow(`${path}?limit=1000`)).toEqual(linesOf(whole));
    expect(await follow(`${path}?from=${FROM}&limit=3&to=2100-01-01T00:00:00%2B03:00`)).toEqual(
      linesOf(await get(`${path}?from=${FROM}`)),
    );
    expect((await get(`${path}?limit=2`)).headers['cache-control']).toBe('no-store');
  });

  it('have those statuses and kinds alone that are asked for', async () => {
    const orders = linesOf(await get('orders')) as { status: string }[];
    const waiting = orders.filter(({ status }) => status === 'NEW');
    expect(waiting.length).toBeGreaterThan(1);
    expect(await follow('orders?status=NEW&limit=7')).toEqual(waiting);
    expect(await follow('orders?limit=50&status=PROCESSED,NEW')).toEqual(orders);
    const entries = linesOf(await get('balance/history')) as { kind: string }[];
    expect(entries.map(({ kind }) => kind)).toEqual([
      ...Array<string>(5).fill('WITHDRAWAL'),
      'ACCRUAL',
    ]);
    expect(await follow('balance/history?limit=2&kind=WITHDRAWAL,REVERSAL')).toEqual(
      entries.slice(0, 5),
    );
    expect((await get('balance/history?kind=ADJUSTMENT')).status).toBe(204);
  });

  it.each(LISTS)('of %s end with 204', async (path) => {
    const last = await get(`${path}?limit=2`);
    expect((await get(`${path}?to=2020-01-01T00:00:00Z&limit=5`)).status).toBe(204);
    expect(linkOf(last)).toBeDefined();
    expect(linkOf(await get(`${path}?limit=1000`))).toBeUndefined();
  });

  it('without parameters of theirs are the whole list, whatever else is asked', async () => {
    const whole = await get('orders');
    for (const query of ['?page=7', '?', '?Limit=1&offset=x&kind=NEW&at=now'])
      expect((await get(`orders${query}`)).text).toBe(whole.text);
  });

  const cursorOf = async (path: string, who = customer): Promise<string> =>
    new URL(linkOf(await get(path, who)) ?? '', service.url).searchParams.get('cursor') ?? '';

  it.each<[string, string]>([
    ['limit=0', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=1000000000', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=5&limit=5', 'limit'],
    ['limit[]=5&limit[]=6&limit=1&limit=2', 'limit'],
    ['from=yesterday', 'from'],
    ['from=2026-01-01', 'from'],
    ['from=2026-01-01T00:00:00', 'from'],
    ['from=2100-01-01T00:00:00Z', 'from'],
    ['limit=1000&from=2100-01-01T00:00:00Z&to=2101-01-01T00:00:00Z', 'from'],
    ['to=2026-02-30T00:00:00Z', 'to'],
    ['to=', 'to'],
    ['to=1764403200', 'to'],
    [`from=${FROM}&from=${FROM}`, 'from'],
    [`from=${FROM}&to=2025-12-31T23:59:59.999Z`, 'from'],
    ['cursor=', 'cursor'],
    ['cursor=abc', 'cursor'],
    [`cursor=${'A'.repeat(60)}`, 'cursor'],
    ['cursor=a&cursor=b', 'cursor'],
    ['cursor=%00', 'cursor'],
  ])('refuse %s, and name the parameter', async (query, parameter) => {
    for (const path of LISTS) {
      const reply = await get(`${path}?${query}`);
      expectRefusal(reply, REFUSALS.badRequest, 'ru', path);
      expect(detailOf(reply)).toMatch(new RegExp(`^${parameter} `));
    }
  });

  it.each([
    ['orders', 'status', 'new'],
    ['orders', 'status', ''],
    ['orders', 'status', 'NEW,'],
    ['orders', 'status', 'NEW, INVALID'],
    ['orders', 'status', 'ACCRUAL'],
    ['orders', 'status', '__proto__'],
    ['balance/history', 'kind', 'NEW'],
    ['balance/history', 'kind', 'ACCRUAL;WITHDRAWAL'],
  ])('of %s refuse the %s %j', async (path, parameter, value) => {
    const reply = await get(`${path}?${parameter}=${encodeURIComponent(value)}`);
    expectRefusal(reply, REFUSALS.badRequest);
    expect(detailOf(reply)).toMatch(new RegExp(`^${parameter} must be one or several of `));
  });

  it('refuse cursors of others, of other lists and filters, and forged ones', async () => {
    const other = await service.customer();
    await giveOrders(service, other, 3);
    const own = await cursorOf('orders?limit=2');
    const filtered = await cursorOf('orders?limit=2&status=NEW');
    const flipped = own.slice(0, 30) + (own[30] === 'A' ? 'B' : 'A') + own.slice(31);
    for (const [path, cursor] of [
      ['orders?', await cursorOf('orders?limit=2', other)],
      ['withdrawals?', own],
      ['balance/history?', own],
      ['orders?status=NEW&', own],
      [`orders?from=${FROM}&`, own],
      ['orders?', filtered],
      ['orders?status=NEW,INVALID&', filtered],
      ['orders?', flipped],
      ['orders?', `${own}=`],
      ['orders?', `${own}A`],
      ['orders?', own.slice(0, -1)],
    ]) {
      const reply = await get(`${path}limit=2&cursor=${cursor}`);
      expectRefusal(reply, REFUSALS.badRequest, 'ru', path);
      expect(detailOf(reply)).toMatch(/^cursor /);
    }
    expect((await get(`orders?cursor=${own}&limit=7`)).status).toBe(200);
    expect(linesOf(await get(`orders?cursor=${own}`))).toEqual(
      linesOf(await get('orders')).slice(2),
    );
    expect((await get(`orders?limit=1&cursor=${filtered}&status=NEW`)).status).toBe(200);
  });

  it('are refused without a token first', async () => {
    expectRefusal(
      await send(service.url, 'GET /api/user/orders?limit=0'),
      REFUSALS.unauthenticated,
    );
  });
});
