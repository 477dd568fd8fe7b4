import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrokerServer } from '../support/broker/broker-server.js';
import { WorkedConsumer } from '../support/broker/worked-consumer.js';
import { createTestDatabase, type TestDatabase } from '../support/database/test-database.js';
import { eventually } from '../support/eventually.js';
import { freshNumber } from '../support/http/order-numbers.js';
import { startTestService, type TestService } from '../support/http/test-service.js';

describe('docs/consumer.mjs', () => {
  let broker: BrokerServer;
  let own: TestDatabase;
  let service: TestService;
  let consumer: WorkedConsumer;

  beforeAll(async () => {
    broker = await BrokerServer.start();
    own = await createTestDatabase('template1');
    consumer = new WorkedConsumer(broker.uri, own.uri);
    await consumer.start();
    service = await startTestService({
      settings: { cashback: { tickMs: 20 }, amqp: { uri: broker.uri } },
    });
  });

  afterAll(async () => {
    await consumer.kill();
    await service.stop();
    await own.drop();
    await broker.stop();
  });

  it('adds up each event once, whatever is killed', async () => {
    const customer = await service.customerWith('100');
    await customer.withdraw(freshNumber(), '0.1');
    await consumer.kill();
    await customer.withdraw(freshNumber(), '0.2');
    await consumer.start();
    await broker.crash();
    await customer.withdraw(freshNumber(), '30');
    await broker.restart();
    await consumer.kill();
    await consumer.start();
    await eventually('summed up', async () => (await sums())['WITHDRAWAL'] === '-30.30');
    // A replay is the worst that can come: everything, once more.
    await service.database.query(
      `UPDATE gophermart.subscriptions SET fence = fence + 1, leased_until = NULL, cursor =
         jsonb_build_object(
           'seen', mark, 'until', mark, 'after', '0', 'floors', json_build_object())
       FROM (
         SELECT json_build_object('snapshot', '1:1:', 'top', '0', 'restored', '0') AS mark
       ) m`,
    );
    await customer.withdraw(freshNumber(), '0.03');
    await eventually('summed up', async () => (await sums())['WITHDRAWAL'] === '-30.33');
    expect(await sums()).toEqual({ ACCRUAL: '100.00', WITHDRAWAL: '-30.33' });
  });

  async function sums(): Promise<Record<string, string>> {
    const rows = await own.query<{ kind: string; total: string }>('SELECT * FROM sums');
    return Object.fromEntries(rows.map(({ kind, total }) => [kind, total]));
  }
});
