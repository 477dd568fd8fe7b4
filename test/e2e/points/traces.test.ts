import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type JournalEvent, journalOf } from '../../support/database/journal.js';
import { eventually } from '../../support/eventually.js';
import { calculating, processed } from '../../support/fakes/scripted-accrual.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const newTrace = (flags = '01'): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-${flags}`;

/** Version, trace and flags: what every program on the way leaves as it is. */
const unchanging = (traceparent: unknown): string =>
  String(traceparent).replace(/(?<=^.{36}).{16}/, '…');

describe('a traceparent', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService({ settings: { cashback: { tickMs: 20 } } });
    customer = await service.customer();
  });

  afterAll(() => service.stop());

  const upload = async (number: string, traceparent?: string): Promise<number> => {
    const { status } = await customer.call('POST', '/api/user/orders', {
      headers: { 'content-type': 'text/plain', ...(traceparent && { traceparent }) },
      body: number,
    });
    return status;
  };

  const withdraw = async (order: string, traceparent: string): Promise<number> => {
    const { status } = await customer.call('POST', '/api/user/balance/withdraw', {
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ order, sum: 1 }),
    });
    return status;
  };

  const eventsOf = async (order: string): Promise<readonly JournalEvent[]> =>
    (await journalOf(service.database, readClaims(customer.authorization).sub)).filter(
      ({ data }) => data['order'] === order,
    );

  const tracesOf = async (order: string): Promise<readonly unknown[]> =>
    (await eventsOf(order)).map(({ type, trace }) => [type, trace]);

  const sentFor = (order: string): readonly unknown[] =>
    service.accrual.requests
      .filter(({ number }) => number === order)
      .map(({ traceparent }) => traceparent);

  const credited = (order: string): Promise<void> =>
    eventually('credited', async () => {
      const events = await eventsOf(order);
      return events.some(({ type }) => type === 'transaction_processed');
    });

  it('of an upload is on its events until the credit, and goes on to the accrual', async () => {
    const [order, trace] = [freshNumber(), newTrace()];
    service.accrual.script(order, { status: 204 }, calculating(order), processed(order, 500));
    expect(await upload(order, trace)).toBe(202);
    await credited(order);
    expect(await tracesOf(order)).toEqual(
      [
        'order_created',
        'accrual_started',
        'order_updated',
        'accrual_finished',
        'order_updated',
        'transaction_processed',
      ].map((type) => [type, trace]),
    );
    const sent = sentFor(order);
    expect(sent.map(unchanging)).toEqual(Array.from({ length: 3 }, () => unchanging(trace)));
    expect(new Set([trace, ...sent]).size).toBe(4);
  });

  it('of a withdrawal is on its event; the same again leaves the first one there', async () => {
    await customer.earn('5', service.accrual);
    const [order, trace] = [freshNumber(), newTrace('00')];
    expect(await withdraw(order, trace)).toBe(200);
    expect(await withdraw(order, newTrace())).toBe(200);
    expect(await tracesOf(order)).toEqual([['transaction_processed', trace]]);
  });

  it('of an order is that of the upload that was accepted', async () => {
    const [order, trace] = [freshNumber(), newTrace()];
    expect(await upload(order, trace)).toBe(202);
    expect(await upload(order, newTrace())).toBe(200);
    await eventually('asked about', () => sentFor(order).length > 0);
    expect(unchanging(sentFor(order)[0])).toBe(unchanging(trace));
    for (const [, found] of (await tracesOf(order)) as [string, string][])
      expect(found).toBe(trace);
  });

  it('is each order’s own where many are uploaded at once', async () => {
    const uploads = Array.from({ length: 20 }, (_, i) => ({
      order: freshNumber(),
      trace: i % 3 === 0 ? undefined : newTrace(),
    }));
    await Promise.all(uploads.map(({ order, trace }) => upload(order, trace)));
    for (const { order, trace = null } of uploads)
      expect((await tracesOf(order))[0]).toEqual(['order_created', trace]);
  });

  it.each([
    ['is absent', undefined],
    ['is malformed', `${newTrace()}-extra`],
    ['came twice', `${newTrace()}, ${newTrace()}`],
    ['is long', `00-${'a'.repeat(8_000)}`],
  ])('that %s is made up nowhere', async (_, traceparent) => {
    const order = freshNumber();
    service.accrual.script(order, processed(order, 1));
    expect(await upload(order, traceparent)).toBe(202);
    await credited(order);
    for (const [, trace] of (await tracesOf(order)) as [string, unknown][])
      expect(trace).toBeNull();
    expect(sentFor(order)).toEqual([undefined]);
  });

  it('that somebody wrote into the books goes no further where it is none', async () => {
    const order = freshNumber();
    service.accrual.script(order, { status: 204 }, processed(order, 1));
    await service.database.query(
      `WITH added AS (
         INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at, trace)
         VALUES (gen_random_uuid(), $1, $2, 'NEW', clock_timestamp(), E'x\\r\\nx-evil: 1')
         RETURNING id
       )
       INSERT INTO gophermart.queue
         (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
       SELECT id, 'PENDING', clock_timestamp(), clock_timestamp(), clock_timestamp() FROM added`,
      [readClaims(customer.authorization).sub, order],
    );
    await credited(order);
    expect(sentFor(order)).toEqual([undefined, undefined]);
  });
});
