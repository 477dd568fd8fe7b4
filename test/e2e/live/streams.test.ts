import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Readiness } from '../../../src/platform/observability/readiness.js';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { EventReader } from '../../support/http/event-reader.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const EVENTS = 'GET /api/user/events';

describe('a stream of events', () => {
  let service: TestService;
  const readers: EventReader[] = [];

  beforeAll(async () => {
    service = await startTestService({ settings: { live: { streams: 5, streamsPerUser: 2 } } });
  });

  afterEach(async () => {
    for (const reader of readers.splice(0)) reader.close();
    await eventually('all are closed', async () => (await openStreams()) === 0);
  });

  afterAll(() => service.stop());

  const openStreams = async (): Promise<number> => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    return Number(/^live_streams (\d+)$/m.exec(metrics)?.[1]);
  };

  const read = async (
    { url, authorization }: Pick<Customer, 'url' | 'authorization'>,
    headers = {},
  ): Promise<EventReader> => {
    const reader = await EventReader.open(url, authorization, headers);
    readers.push(reader);
    return reader;
  };

  it('tells of an order and of points, as lists and balance show them', async () => {
    const customer = await service.customer();
    const reader = await read(customer);
    const number = await customer.earn('729.98', service.accrual);
    const paid = freshNumber();
    await customer.withdraw(paid, '29.9');
    await reader.heard(3);
    const events = (await reader.heard(reader.events.length)).filter(
      ([type, data]) =>
        type === 'balance_changed' || (data as { status: string }).status === 'PROCESSED',
    );
    const [withdrawal] = await customer.withdrawals();
    const entry = { id: expect.stringMatching(/^[\da-f-]{36}$/) };
    expect(events).toEqual([
      ['order_updated', await customer.order(number)],
      [
        'balance_changed',
        {
          current: 729.98,
          withdrawn: 0,
          entry: {
            ...entry,
            kind: 'ACCRUAL',
            order: number,
            amount: 729.98,
            balance_after: 729.98,
            at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          },
        },
      ],
      [
        'balance_changed',
        {
          ...(await customer.balance()),
          entry: {
            ...entry,
            kind: 'WITHDRAWAL',
            order: paid,
            amount: -29.9,
            balance_after: 700.08,
            at: withdrawal?.processed_at,
          },
        },
      ],
    ]);
    expect(new Set(reader.events.map(({ id }) => id)).size).toBe(reader.events.length);
  });

  it('is told to each of a user’s streams, at any replica, and to nobody else’s', async () => {
    const { database, accrual } = service;
    const replica = await startTestService({ database, accrual });
    try {
      const [customer, stranger] = [await service.customerWith('10'), await service.customer()];
      const all = [await read(customer), await read(customer), await read(stranger)];
      const far = await read(customer.at(replica.url));
      await customer.withdraw(freshNumber(), '1');
      for (const reader of [all[0], all[1], far]) {
        await eventually('the withdrawal', () => reader?.events.length === 1);
        expect(reader?.events[0]).toMatchObject({ data: { current: 9 } });
      }
      await stranger.earn('5', accrual);
      await eventually('its own', () => (all[2]?.events.length ?? 0) > 1);
      expect(all[2]?.events.map(({ data }) => JSON.stringify(data)).join()).not.toContain('"9"');
      expect(all[0]?.events).toHaveLength(1);
      far.close();
    } finally {
      await replica.stop();
    }
  });

  it('is neither compressed nor kept, and proxies are told not to hold it back', async () => {
    const customer = await service.customer();
    const { headers } = await read(customer, { 'accept-encoding': 'gzip, deflate' });
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(headers['content-encoding']).toBeUndefined();
    const { authorization } = customer;
    const head = await send(service.url, 'HEAD /api/user/events', { headers: { authorization } });
    expect([head.status, head.headers['content-type']]).toEqual([200, 'text/event-stream']);
  });

  it('is for those who are signed in, by header or by cookie, and there', async () => {
    const customer = await service.customer();
    expectRefusal(await send(service.url, EVENTS), REFUSALS.unauthenticated);
    const cookie = `token=${customer.authorization.replace('Bearer ', '')}`;
    const foreign = { cookie, 'sec-fetch-site': 'cross-site' };
    expectRefusal(await send(service.url, EVENTS, { headers: foreign }), REFUSALS.unauthenticated);
    const reply = await fetch(`${service.url}/api/user/events`, { headers: { cookie } });
    expect(reply.status).toBe(200);
    await reply.body?.cancel();
    await service.database.query('DELETE FROM gophermart.users WHERE login = $1', [customer.login]);
    const { authorization } = customer;
    expectRefusal(
      await send(service.url, EVENTS, { headers: { authorization } }),
      REFUSALS.unauthenticated,
    );
  });

  it('is limited in number, for each user and for the process', async () => {
    const customers = [await service.customer(), await service.customer()];
    for (const customer of [...customers, ...customers]) await read(customer);
    const { authorization } = customers[0] as Customer;
    const refused = await send(service.url, EVENTS, { headers: { authorization } });
    expectRefusal(refused, REFUSALS.tooManyStreams);
    expect(refused.headers['retry-after']).toBe('30');
    await read(await service.customer());
    expect(await openStreams()).toBe(5);
    const last = await service.customer();
    expectRefusal(
      await send(service.url, EVENTS, { headers: { authorization: last.authorization } }),
      REFUSALS.unavailable,
    );
    readers.shift()?.close();
    await eventually('one is closed', async () => (await openStreams()) === 4);
    expect((await read(customers[0] as Customer)).status).toBe(200);
  });

  it('ends with its connection, also where it waits there behind another reply', async () => {
    const { authorization } = await service.customer();
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const head = ['GET /api/user/events HTTP/1.1', `host: ${hostname}:${port}`];
    const request = [...head, `authorization: ${authorization}`, '', ''].join('\r\n');
    socket.write(request.repeat(2));
    await eventually('both are open', async () => (await openStreams()) === 2);
    socket.destroy();
    await eventually('both are closed', async () => (await openStreams()) === 0);
  });

  it('ends when its user is forgotten', async () => {
    const customer = await service.customer();
    const reader = await read(customer);
    await service.database.query('DELETE FROM gophermart.users WHERE login = $1', [customer.login]);
    await eventually('it ends', () => reader.isEnded);
  });

  it('ends when its token is good no longer, here or of another process', async () => {
    const { database, accrual } = service;
    const brief = { auth: { tokenTtlSeconds: 2 } };
    const expiring = await startTestService({ database, accrual, settings: brief });
    for (const issuer of [expiring, service]) {
      const { authorization } = await issuer.customer();
      const reader = await read({ url: expiring.url, authorization });
      await eventually('it ends', () => reader.isEnded);
    }
    await expiring.stop();
  });

  it('ends when the process begins to stop', async () => {
    const { database, accrual } = service;
    const other = await startTestService({ database, accrual });
    const renewed = await read(await other.customer());
    other.app.get(Readiness).beginStop();
    await eventually('it ends', () => renewed.isEnded);
    const late = await EventReader.open(other.url, (await other.customer()).authorization);
    await eventually('it ends', () => late.isEnded);
    expect(late.lastId).not.toBe('');
    await other.stop();
  });
});
