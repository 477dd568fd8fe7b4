import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BrokerServer } from '../support/broker/broker-server.js';
import { Listener } from '../support/broker/listener.js';
import { eventually } from '../support/eventually.js';
import { readClaims } from '../support/http/forged-token.js';
import { freshNumber } from '../support/http/order-numbers.js';
import { startTestService, type TestService } from '../support/http/test-service.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('events that are published to RabbitMQ', () => {
  let broker: BrokerServer;
  let service: TestService;
  let listener: Listener;

  const start = (uri: string, others: object = {}): Promise<TestService> =>
    startTestService({ settings: { cashback: { tickMs: 20 }, amqp: { uri } }, ...others });

  beforeAll(async () => {
    broker = await BrokerServer.start();
  });

  beforeEach(async () => {
    listener = await (await Listener.bind(broker.uri)).listen();
    service = await start(broker.uri);
  });

  afterEach(async () => {
    await listener.close();
    await service.stop();
  });

  afterAll(() => broker.stop());

  const arrived = (what: string, count: number): Promise<void> =>
    eventually(`${count} ${what}`, () => listener.ofType(what).length === count);

  it('tell what the contract says', async () => {
    const customer = await service.customerWith('729.98');
    const order = freshNumber();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const withdrawn = await customer.call('POST', '/api/user/balance/withdraw', {
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ order, sum: 30 }),
    });
    expect(withdrawn.status).toBe(200);
    await arrived('transaction_processed', 2);
    const subject = readClaims(customer.authorization).sub;
    const time = expect.stringMatching(TIME) as unknown;
    const common = { specversion: '1.0', source: 'gophermart', subject, time };
    expect(listener.ofType('user_registered')).toEqual([
      { ...common, id: expect.any(String), type: 'user_registered', data: { at: time } },
    ]);
    expect(listener.ofType('transaction_processed')[1]).toEqual({
      ...common,
      id: expect.stringMatching(/^\d+$/),
      type: 'transaction_processed',
      traceparent,
      revision: 2,
      data: {
        transaction: expect.any(String),
        kind: 'WITHDRAWAL',
        order,
        amount: '-30.00',
        balance: '699.98',
        withdrawn: '30.00',
      },
    });
    expect(listener.ofType('accrual_finished')).toHaveLength(1);
    for (const { routingKey, contentType, isPersistent, events } of listener.messages) {
      expect([contentType, isPersistent]).toEqual(['application/cloudevents-batch+json', true]);
      for (const { type } of events)
        expect(routingKey).toBe(type.startsWith('accrual_') ? 'accrual' : type);
    }
    const { rows } = {
      rows: await service.database.query('SELECT position FROM gophermart.events'),
    };
    expect(listener.events).toHaveLength(rows.length);
  });

  it('come in messages of a hundred, in order', async () => {
    await service.stop();
    service = await start(broker.uri);
    const subscriptions = 'SELECT FROM gophermart.subscriptions';
    await eventually('subscribed', async () => {
      return (await service.database.query(subscriptions)).length > 0;
    });
    await service.database.query(
      `INSERT INTO gophermart.events (type, revision, data)
       SELECT 'order_created', n, '{}' FROM generate_series(1, 2345) n`,
    );
    await arrived('order_created', 2_345);
    const revisions = listener.ofType('order_created').map(({ revision }) => revision);
    expect(revisions).toEqual(Array.from({ length: 2_345 }, (_, i) => i + 1));
    const sizes = listener.messages.map(({ events }) => events.length);
    expect(Math.max(...sizes)).toBe(100);
  });

  it('begin with the first one after the broker was configured', async () => {
    const before = await startTestService();
    const early = await before.customer();
    const later = await start(broker.uri, { database: before.database, accrual: before.accrual });
    const customer = await later.customer();
    await eventually('registered', () =>
      listener.ofType('user_registered').some(({ subject }) => subject === idOf(customer)),
    );
    expect(listener.ofType('user_registered').map(({ subject }) => subject)).not.toContain(
      idOf(early),
    );
    await later.stop();
    await before.stop();
  });

  it('are published by one of several replicas, and by the next when that one stops', async () => {
    const second = await start(broker.uri, service);
    await service.customer();
    await arrived('user_registered', 1);
    await second.customer();
    await arrived('user_registered', 2);
    await service.app.close();
    await second.customer();
    await arrived('user_registered', 3);
    await second.stop();
  });

  it('are counted where nobody takes them', async () => {
    await listener.close();
    await service.customer();
    await eventually('counted', async () => {
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      return (
        metrics.includes('journal_events_unroutable_total 1') &&
        metrics.includes('journal_events_delivered_total{subscription="broker"} 1') &&
        metrics.includes('journal_backlog_events{subscription="broker"} 0')
      );
    });
    listener = await (await Listener.bind(broker.uri)).listen();
  });

  it('are parked where a queue refuses them, and published when that is put right', async () => {
    const full = await Listener.bind(broker.uri, 'order_created', {
      'x-max-length': 0,
      'x-overflow': 'reject-publish',
    });
    const customer = await service.customer();
    await customer.upload(freshNumber());
    const parked = (): Promise<{ reason: string }[]> =>
      service.database.query('SELECT reason FROM gophermart.parked_events');
    await eventually('parked', async () => (await parked()).length === 1);
    expect(await parked()).toEqual([{ reason: 'the broker refused it' }]);
    await full.close();
    await service.database.query('UPDATE gophermart.parked_events SET retry = true');
    await eventually('unparked', async () => (await parked()).length === 0);
    expect(listener.ofType('order_created').length).toBeGreaterThan(0);
  });

  const idOf = ({ authorization }: { authorization: string }): string =>
    readClaims(authorization).sub;
});
