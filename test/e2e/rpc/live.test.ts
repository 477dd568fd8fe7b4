import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import type { Customer } from '../../support/http/customer.js';
import { EventReader } from '../../support/http/event-reader.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';
import { freePort } from '../../support/processes/service-process.js';

describe('a stream of events at a portal', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  let port: number;
  let billing: TestService;
  let portal: TestService;
  let customer: Customer;

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
    port = await freePort();
  });

  const startBilling = async (): Promise<void> => {
    billing = await startTestService({
      database,
      accrual,
      settings: {
        process: { roles: ['billing'] },
        rpc: { address: { host: '127.0.0.1', port }, secret: RPC_SECRET },
      },
    });
  };

  const startPortal = (): Promise<TestService> =>
    startTestService({
      database,
      accrual,
      databaseUri: 'postgres://127.0.0.1:1/none',
      settings: {
        process: { roles: ['portal'] },
        rpc: { billing: { host: 'localhost', port }, secret: RPC_SECRET },
      },
    });

  beforeEach(async () => {
    await startBilling();
    portal = await startPortal();
    customer = await portal.customer();
  });

  afterEach(async () => {
    await portal.stop();
    await billing.stop();
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
  });

  const read = ({ url, authorization }: Customer, headers = {}): Promise<EventReader> =>
    EventReader.open(url, authorization, headers);

  const move = (number: string, status = 'PROCESSING'): Promise<unknown> =>
    database.query('UPDATE gophermart.orders SET status = $2 WHERE num = $1', [number, status]);

  const uploaded = async (): Promise<string> => {
    const number = freshNumber();
    await customer.upload(number);
    return number;
  };

  const numbersOf = async (reader: EventReader, count: number): Promise<unknown[]> =>
    (await reader.heard(count)).map(([, data]) => (data as { number: string }).number);

  it('tells what billing has committed', async () => {
    const number = await uploaded();
    const reader = await read(customer);
    await move(number);
    expect(await reader.heard(1)).toEqual([['order_updated', await customer.order(number)]]);
    reader.close();
  });

  it('goes on without gap or repetition when billing comes again', async () => {
    const numbers = [await uploaded(), await uploaded(), await uploaded()];
    const [first = '', second = '', third = ''] = numbers;
    const reader = await read(customer);
    await move(first);
    await numbersOf(reader, 1);
    await billing.stop();
    await move(second);
    await startBilling();
    await move(third);
    expect(await numbersOf(reader, 3)).toEqual(numbers);
    expect(reader.isEnded).toBe(false);
    reader.close();
  });

  it('resumes at another portal, and at billing’s own', async () => {
    const numbers = [await uploaded(), await uploaded()];
    const first = await read(customer);
    first.close();
    for (const number of numbers) await move(number);
    const [far, near] = [await startPortal(), await startTestService({ database, accrual })];
    for (const other of [far, near]) {
      const reader = await read(customer.at(other.url), { 'last-event-id': first.lastId });
      expect(await numbersOf(reader, 2)).toEqual(numbers);
      reader.close();
      await other.stop();
    }
  });

  it('cannot be opened while billing is away', async () => {
    await billing.stop();
    expect((await read(customer)).status).toBe(503);
    await startBilling();
    await eventually('it is back', async () => {
      const reader = await read(customer);
      reader.close();
      return reader.status === 200;
    });
  });

  it('has calls that refuse what is no place in the journal', async () => {
    const client = RpcClient.of(port, 'live.proto/LiveEvents');
    const until = await client.call<{ snapshot: string; top: number }>('GetMark', {});
    expect(until.snapshot).toMatch(/^\d+:\d+:/);
    const sound = { after: 0, to: 10, until, seenTop: 0, limit: 10, userIds: [] };
    await expect(client.call('ListLiveEvents', sound)).resolves.toBeDefined();
    for (const change of [
      { limit: 0 },
      { limit: 1_001 },
      { until: undefined },
      { until: { ...until, snapshot: '1:2' } },
      { to: '18446744073709551615' },
      { ended: ['18446744073709551615'] },
      { userIds: ['nobody'] },
    ])
      await expect(client.call('ListLiveEvents', { ...sound, ...change })).rejects.toMatchObject({
        code: 3,
      });
    client.close();
  });
});
