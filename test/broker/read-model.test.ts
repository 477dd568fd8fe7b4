import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { RpcServer } from '../../src/platform/grpc/rpc-server.js';
import { BrokerServer, deleteQueryQueue } from '../support/broker/broker-server.js';
import { createReadModelDatabase } from '../support/database/read-model.js';
import { shownBy } from '../support/database/shown.js';
import { tamper, type TestDatabase } from '../support/database/test-database.js';
import { eventually } from '../support/eventually.js';
import type { Customer } from '../support/http/customer.js';
import { readClaims } from '../support/http/forged-token.js';
import { freshNumber } from '../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../support/http/rpc-client.js';
import { giveOrders, startTestService, type TestService } from '../support/http/test-service.js';
import { operate, type OperatorRun } from '../support/processes/operator-run.js';

const ALL_ROLES = ['portal', 'billing', 'accrual', 'relay', 'query'] as const;

describe('the read model', () => {
  let broker: BrokerServer;
  let readModel: TestDatabase;
  let service: TestService;

  const start = (others: object = {}): Promise<TestService> =>
    startTestService({
      settings: {
        process: { roles: [...ALL_ROLES] },
        cashback: { tickMs: 20 },
        amqp: { uri: broker.uri },
        query: { databaseUri: readModel.uri },
      },
      ...others,
    });

  beforeAll(async () => {
    broker = await BrokerServer.start();
  });

  beforeEach(async () => {
    readModel = await createReadModelDatabase();
  });

  afterEach(async () => {
    await service.stop();
    await readModel.drop();
    await deleteQueryQueue(broker.uri);
  });

  afterAll(() => broker.stop());

  const readiness = async (): Promise<number> =>
    (await fetch(`${service.url}/health/ready`)).status;

  const ready = (): Promise<void> => eventually('ready', async () => (await readiness()) === 200);

  const equalsBooks = (): Promise<void> =>
    eventually('the read model equals the books', async () => {
      const books = await shownBy(service.database, 'books');
      return JSON.stringify(await shownBy(readModel, 'readModel')) === JSON.stringify(books);
    });

  const journal = (...args: string[]): Promise<OperatorRun> =>
    operate('journal', [...args, '-d', service.database.uri], {
      QUERY_DATABASE_URI: readModel.uri,
    });

  it('shows customers what the books have, a moment later', async () => {
    service = await start();
    await ready();
    const customer = await service.customerWith('729.98');
    const order = freshNumber();
    await eventually('credited', async () => (await customer.balance()).current === 729.98);
    expect((await customer.withdraw(order, '30')).status).toBe(200);
    await eventually('spent', async () => (await customer.balance()).withdrawn === 30);
    expect(await customer.balance()).toEqual({ current: 699.98, withdrawn: 30 });
    expect(await customer.withdrawals()).toEqual([
      { order, sum: 30, processed_at: expect.any(String) },
    ]);
    expect(await customer.orders()).toMatchObject([{ status: 'PROCESSED', accrual: 729.98 }]);
    await equalsBooks();
    expect(await (await fetch(`${service.url}/metrics`)).text()).toMatch(
      /read_model_caught_up 1\n/,
    );
  });

  it('shows what an account was recounted to, before its next entry', async () => {
    service = await start();
    await ready();
    const customer = await service.customerWith('10');
    await tamper(service.database, 'UPDATE gophermart.accounts SET balance = 999');
    expect((await customer.withdraw(freshNumber(), 4)).status).toBe(200);
    await eventually('spent', async () => (await customer.balance()).current === 995);
    await operate('customer', ['recount', customer.login, '-d', service.database.uri]);
    await eventually('recounted', async () => (await customer.balance()).current === 6);
    expect((await customer.withdraw(freshNumber(), 5)).status).toBe(200);
    await eventually('spent again', async () => (await customer.balance()).current === 1);
  });

  it('shows nothing of whom it does not know, and refuses who is gone', async () => {
    service = await start();
    await ready();
    const [fresh, gone] = [await service.customer(), await service.customer()];
    await equalsBooks();
    expect((await fresh.call('GET', '/api/user/orders')).status).toBe(204);
    expect((await fresh.call('GET', '/api/user/withdrawals')).status).toBe(204);
    expect(await fresh.balance()).toEqual({ current: 0, withdrawn: 0 });
    await tamper(service.database, `DELETE FROM gophermart.users WHERE id = '${idOf(gone)}'`);
    for (const path of ['orders', 'withdrawals', 'balance'])
      expect((await gone.call('GET', `/api/user/${path}`)).status).toBe(401);
  });

  it('answers by gRPC in a process of its own, and knows nothing of who exists', async () => {
    service = await startTestService({
      settings: { cashback: { tickMs: 20 }, amqp: { uri: broker.uri } },
    });
    const reader = await startTestService({
      settings: {
        process: { roles: ['query'] },
        amqp: { uri: broker.uri },
        query: { databaseUri: readModel.uri },
        rpc: { address: { host: '127.0.0.1', port: 0 }, secret: RPC_SECRET },
      },
    });
    const customer = await service.customerWith('5');
    await equalsBooks();
    const { port } = reader.app.get(RpcServer, { strict: false });
    const accounts = RpcClient.of(port, 'account.proto/AccountQueries');
    const orders = RpcClient.of(port, 'orders.proto/OrderQueries');
    const [ann, nobody] = [idOf(customer), randomUUID()];
    expect(await accounts.call('GetBalances', { userIds: [ann, nobody] })).toMatchObject({
      outcomes: [
        { balance: { current: '5.00', withdrawn: '0.00' } },
        { balance: { current: '0.00', withdrawn: '0.00' } },
      ],
    });
    const pages = [{ userId: ann }, { userId: nobody }];
    const shown = { status: 'ORDER_STATUS_PROCESSED', accrual: '5.00' };
    expect(await orders.call('ListOrders', { pages })).toMatchObject({
      outcomes: [{ page: { orders: [shown] } }, { page: { nextPageToken: '' } }],
    });
    const isReady = async (): Promise<boolean> => (await fetch(`${reader.url}/health/ready`)).ok;
    await eventually('ready', isReady);
    expect((await fetch(`${reader.url}/api/user/balance`)).status).toBe(404);
    for (const client of [accounts, orders]) client.close();
    await reader.stop();
  });

  it('fills itself from a database that is full, and is ready when it has caught up', async () => {
    const before = await startTestService();
    const customer = await before.customerWith('5');
    await giveOrders(before, customer, 10_000);
    service = await start({ database: before.database, accrual: before.accrual });
    expect(await readiness()).toBe(503);
    await ready();
    await equalsBooks();
    const here = customer.at(service.url);
    expect(await here.orders()).toEqual(await customer.orders());
    expect(await here.balance()).toEqual({ current: 5, withdrawn: 0 });
    await service.stop();
    service = before;
  });

  it('is built anew by a replay, while it serves', async () => {
    service = await start();
    await ready();
    const customer = await service.customerWith('5');
    await equalsBooks();
    await readModel.query(`DELETE FROM gophermart_query.orders`);
    await readModel.query(`UPDATE gophermart_query.entries SET balance = 7`);
    const { lines } = await journal('replay', 'query', '--by', 'ann');
    expect(lines).toEqual(['query goes on with event 1']);
    await equalsBooks();
    expect(await customer.balance()).toEqual({ current: 5, withdrawn: 0 });
  });

  it('parks what it cannot store, and nothing else waits', async () => {
    service = await start();
    await ready();
    await service.database.query(
      `INSERT INTO gophermart.events (type, subject, revision, at, data)
       SELECT 'transaction_processed', gen_random_uuid(), n, now(), json_build_object(
         'transaction', gen_random_uuid(), 'kind', 'ACCRUAL', 'balance', '1.00',
         'amount', CASE n WHEN 7 THEN repeat('9', 30) ELSE '1' END || '.00', 'withdrawn', '0.00')
       FROM generate_series(1, 20) n`,
    );
    await eventually('parked', async () => (await parked()).length === 1);
    await broker.sendToQueryQueue('<html>');
    await eventually('parked, too', async () => (await parked()).length === 2);
    expect((await readModel.query('SELECT FROM gophermart_query.entries')).length).toBe(19);
    const [poison, foreign] = await parked();
    const { lines } = await journal('dead', 'list');
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(`^${poison?.position}  transaction_processed  query: parked for .*overflow`),
      ),
      expect.stringMatching(/^- {4}query: parked for .*; the event is no object$/),
    ]);
    expect(foreign).toMatchObject({ position: null, event: '"<html>"' });
    await readModel.query('ALTER TABLE gophermart_query.entries ALTER amount TYPE numeric');
    expect((await journal('dead', 'retry', '--all', '--by', 'ann')).lines).toEqual(['2 put back']);
    await eventually('stored', async () => (await parked()).length === 1);
    expect((await readModel.query('SELECT FROM gophermart_query.entries')).length).toBe(20);
    expect(
      await service.database.query(
        `SELECT data::json ->> 'action' AS action FROM gophermart.events
         WHERE type = 'operator_action'`,
      ),
    ).toEqual([{ action: 'journal dead retry' }]);
  });

  const parked = (): Promise<{ position: string | null; event: string }[]> =>
    readModel.query('SELECT position, event FROM gophermart_query.parked_events ORDER BY id');

  it('notices that messages are lost, and what to do', async () => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    service = await start({ logger: pino({ level: 'error' }, { write }) });
    await ready();
    await service.customerWith('5');
    await equalsBooks();
    // As a database that was restored from an older dump.
    await readModel.query('UPDATE gophermart_query.progress SET next = 2');
    await service.customer();
    await eventually('unready', async () => (await readiness()) === 503);
    const lack = 'events from 2 on have not come: npm run journal -- replay query';
    await eventually('the log says so', () => lines.join('').includes(lack));
    await journal('replay', 'query');
    await ready();
  });

  it('goes on when its queue was deleted, or its database was away', async () => {
    service = await start();
    await ready();
    await deleteQueryQueue(broker.uri);
    await service.customerWith('5');
    await equalsBooks();
    await readModel.query('ALTER TABLE gophermart_query.orders RENAME TO moved');
    const customer = await service.customer();
    await customer.upload(freshNumber());
    await readModel.query('ALTER TABLE gophermart_query.moved RENAME TO orders');
    await equalsBooks();
    expect(await parked()).toEqual([]);
  });
});

function idOf({ authorization }: Customer): string {
  return readClaims(authorization).sub;
}
