import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RpcServer } from '../../../src/platform/grpc/rpc-server.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { journalOf } from '../../support/database/journal.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();

/** One trace for each command: those of a batch come from several callers. */
const TRACES = ['1', '2', '', 'no trace at all'].map((first) =>
  first.length === 1 ? `00-${first.padEnd(32, 'a')}-${first.padEnd(16, 'b')}-01` : first,
);

interface Message {
  readonly number: number;
  readonly whoHasLeft?: object;
}

describe('the traceparent of each command', () => {
  let service: TestService;
  let port: number;
  let customer: Customer;
  let userId: string;

  beforeAll(async () => {
    service = await startTestService({
      settings: {
        cashback: { tickMs: 20 },
        rpc: { address: { host: '127.0.0.1', port: 0 }, secret: RPC_SECRET },
      },
    });
    ({ port } = service.app.get(RpcServer, { strict: false }));
    customer = await service.customerWith('20');
    userId = readClaims(customer.authorization).sub;
  });

  afterAll(() => service.stop());

  const uploads = (): object[] =>
    TRACES.map((traceparent) => ({ id: ids.next(), userId, number: freshNumber(), traceparent }));

  const withdrawals = (): object[] =>
    TRACES.map((traceparent) => ({
      id: ids.next(),
      userId,
      order: freshNumber(),
      sum: '1',
      traceparent,
    }));

  /** Of the events of this type of the commands, in their order. */
  const tracesOf = async (type: string, commands: readonly object[]): Promise<unknown[]> => {
    const events = await journalOf(service.database, userId);
    return (commands as { number?: string; order?: string }[]).map(({ number, order }) => {
      const found = events.find(
        (each) => each.type === type && each.data['order'] === (number ?? order),
      );
      return found?.trace;
    });
  };

  const expected = [...TRACES.slice(0, 2), null, null];

  it('in a call is on the events', async () => {
    const [orders, account] = ['orders.proto/OrderCommands', 'account.proto/AccountCommands'].map(
      (name) => RpcClient.of(port, name),
    );
    const [uploaded, spent] = [uploads(), withdrawals()];
    await orders?.call('UploadOrders', { uploads: uploaded });
    await account?.call('WithdrawPoints', { withdrawals: spent });
    expect(await tracesOf('order_created', uploaded)).toEqual(expected);
    expect(await tracesOf('transaction_processed', spent)).toEqual(expected);
    orders?.close();
    account?.close();
  });

  it('of a portal’s requests is on the events', async () => {
    const portal = await startTestService({
      database: service.database,
      accrual: service.accrual,
      databaseUri: 'postgres://127.0.0.1:1/none',
      settings: {
        process: { roles: ['portal'] },
        rpc: { billing: { host: 'localhost', port }, secret: RPC_SECRET },
      },
    });
    const [uploaded, spent] = [uploads(), withdrawals()];
    const send = (path: string, commands: object): Promise<number[]> =>
      Promise.all(
        (commands as { traceparent: string; sum?: string }[]).map(
          async ({ traceparent, sum, ...names }) => {
            const { status } = await customer.at(portal.url).call('POST', `/api/user/${path}`, {
              headers: { 'content-type': 'application/json', traceparent },
              body: JSON.stringify({ ...names, ...(sum && { sum: Number(sum) }) }),
            });
            return status;
          },
        ),
      );
    expect(await send('orders', uploaded)).toEqual(TRACES.map(() => 202));
    expect(await send('balance/withdraw', spent)).toEqual(TRACES.map(() => 200));
    expect(await tracesOf('order_created', uploaded)).toEqual(expected);
    expect(await tracesOf('transaction_processed', spent)).toEqual(expected);
    await portal.stop();
  });

  it('in a batch of a stream is on the events', async () => {
    const commands = RpcClient.of(port, 'commands.proto/Commands');
    const stream = commands.dialog<object, Message>('Exchange');
    const send = async (number: number, batch: object): Promise<void> => {
      stream.write({ number, ...batch });
      for (;;) {
        const [message] = (await once(stream, 'data')) as [Message];
        if (!message.whoHasLeft) return;
        stream.write({ number, left: { places: [] } });
      }
    };
    const [uploaded, spent] = [uploads(), withdrawals()];
    await send(1, { uploads: { uploads: uploaded } });
    await send(2, { withdrawals: { withdrawals: spent } });
    expect(await tracesOf('order_created', uploaded)).toEqual(expected);
    expect(await tracesOf('transaction_processed', spent)).toEqual(expected);
    stream.end();
    await once(stream, 'status');
    commands.close();
  });
});
