import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClientDuplexStream, status as STATUS } from '@grpc/grpc-js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { RpcServer } from '../../../src/platform/rpc/rpc-server.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();

type Dialog = ClientDuplexStream<object, Message>;

interface Message {
  readonly question?: object;
  readonly reply?: { readonly outcomes: readonly object[] };
}

describe('a call of gRPC', () => {
  let service: TestService;
  let users: RpcClient;
  let orders: RpcClient;
  let shownOrders: RpcClient;
  let account: RpcClient;

  beforeAll(async () => {
    service = await startTestService({
      settings: {
        cashback: { tickMs: 20 },
        rpc: { address: { host: '127.0.0.1', port: 0 }, secret: RPC_SECRET },
      },
    });
    const { port } = service.app.get(RpcServer, { strict: false });
    users = RpcClient.of(port, 'users.proto/Users');
    orders = RpcClient.of(port, 'orders.proto/OrderCommands');
    shownOrders = RpcClient.of(port, 'orders.proto/OrderQueries');
    account = RpcClient.of(port, 'account.proto/AccountCommands');
  });

  afterAll(async () => {
    for (const client of [users, orders, shownOrders, account]) client.close();
    await service.stop();
  });

  it.each(['', 'the wrong secret'])('is refused when it shows %j', async (secret) => {
    const unauthenticated = { code: STATUS.UNAUTHENTICATED };
    await expect(users.call('KnowUsers', { userIds: [] }, { secret })).rejects.toMatchObject(
      unauthenticated,
    );
    await expect(shownOrders.call('ListOrders', { pages: [] }, { secret })).rejects.toMatchObject(
      unauthenticated,
    );
    const dialog = account.dialog('WithdrawPointsForCallers', secret);
    await expect(once(dialog, 'data')).rejects.toMatchObject(unauthenticated);
  });

  it('takes so many commands and so large a message, and no more', async () => {
    const upload = { id: ids.next(), userId: ids.next(), number: '18' };
    const uploads = Array.from({ length: 1_001 }, () => ({ ...upload, id: ids.next() }));
    await expect(orders.call('UploadOrders', { uploads })).rejects.toMatchObject({
      code: STATUS.INVALID_ARGUMENT,
      details: 'a call takes at most 1000 of them',
    });
    await expect(orders.call('UploadOrders', { uploads: [upload, upload] })).rejects.toMatchObject({
      code: STATUS.INVALID_ARGUMENT,
      details: 'two commands of the call have the same id',
    });
    await expect(
      users.call('KnowUsers', { userIds: uploads.map(({ userId }) => userId) }),
    ).rejects.toMatchObject({ code: STATUS.INVALID_ARGUMENT });
    const pages = Array.from({ length: 33 }, () => ({ userId: ids.next() }));
    await expect(shownOrders.call('ListOrders', { pages })).rejects.toMatchObject({
      code: STATUS.INVALID_ARGUMENT,
    });
    const long = [{ ...upload, number: '1'.repeat(5_000_000) }];
    await expect(orders.call('UploadOrders', { uploads: long })).rejects.toMatchObject({
      code: STATUS.RESOURCE_EXHAUSTED,
    });
  });

  describe('in which billing asks who has left', () => {
    let customer: Customer;

    const withdrawals = (count: number): object[] =>
      Array.from({ length: count }, () => ({
        id: ids.next(),
        userId: readClaims(customer.authorization).sub,
        order: freshNumber(),
        sum: '1',
      }));

    const begin = (first: object): Dialog => {
      const dialog = account.dialog<object, Message>('WithdrawPointsForCallers');
      dialog.on('error', () => undefined);
      dialog.write(first);
      return dialog;
    };

    /** Answers every question so; resolves with the reply. */
    const converse = async (dialog: Dialog, answer: () => object): Promise<Message> => {
      for (;;) {
        const [message] = (await once(dialog, 'data')) as [Message];
        if (!message.question) return message;
        dialog.write(answer());
      }
    };

    beforeAll(async () => {
      customer = await service.customerWith('10');
    });

    it('charges those who are there', async () => {
      const dialog = begin({ request: { withdrawals: withdrawals(2) } });
      const { reply } = await converse(dialog, () => ({ answer: { withdrawals: [] } }));
      expect(reply?.outcomes).toMatchObject([{ outcome: 'withdrawn' }, { outcome: 'withdrawn' }]);
      expect(await customer.balance()).toEqual({ current: 8, withdrawn: 2 });
      dialog.end();
    });

    it('charges nobody who has left, and all others', async () => {
      const dialog = begin({ request: { withdrawals: withdrawals(3) } });
      const { reply } = await converse(dialog, () => ({ answer: { withdrawals: [1] } }));
      expect(reply?.outcomes).toMatchObject([
        { outcome: 'withdrawn' },
        { refusal: { kind: 'REFUSAL_KIND_MALFORMED', error: 'ErrBadRequest' } },
        { outcome: 'withdrawn' },
      ]);
      expect(await customer.balance()).toEqual({ current: 6, withdrawn: 4 });
      dialog.end();
    });

    it.each([
      ['a client that is silent', () => undefined, STATUS.DEADLINE_EXCEEDED],
      ['a client that is gone', (dialog: Dialog) => dialog.cancel(), STATUS.CANCELLED],
      ['a client that ends', (dialog: Dialog) => void dialog.end(), STATUS.INVALID_ARGUMENT],
    ])('charges nobody of %s', async (_, respond, code) => {
      const before = await customer.balance();
      const dialog = begin({ request: { withdrawals: withdrawals(1) } });
      await once(dialog, 'data');
      const over = new Promise((resolve) => dialog.once('error', resolve));
      respond(dialog);
      expect(await over).toMatchObject({ code });
      // It takes the same lock, so the other one is through.
      expect((await customer.withdraw(freshNumber(), '0.5')).status).toBe(200);
      const { current, withdrawn } = before;
      const after = { current: current - 0.5, withdrawn: withdrawn + 0.5 };
      expect(await customer.balance()).toEqual(after);
    });

    it('charges nobody where the answer is none', async () => {
      const before = await customer.balance();
      const dialog = begin({ request: { withdrawals: withdrawals(1) } });
      const { reply } = await converse(dialog, () => ({ request: { withdrawals: [] } }));
      expect(reply?.outcomes).toMatchObject([{ refusal: { error: 'ErrBadRequest' } }]);
      expect(await customer.balance()).toEqual(before);
      dialog.end();
    });

    it.each([
      ['an answer', { answer: { withdrawals: [] } }],
      ['nothing', {}],
    ])('refuses one that begins with %s', async (_, first) => {
      const dialog = account.dialog('WithdrawPointsForCallers');
      dialog.write(first);
      await expect(once(dialog, 'data')).rejects.toMatchObject({
        code: STATUS.INVALID_ARGUMENT,
        details: 'the request comes first',
      });
    });

    it('refuses messages that nobody asked for', async () => {
      const before = await customer.balance();
      const request = { request: { withdrawals: withdrawals(1) } };
      const dialog = account.dialog('WithdrawPointsForCallers');
      dialog.write(request);
      dialog.write(request);
      await expect(once(dialog, 'data')).rejects.toMatchObject({
        code: STATUS.INVALID_ARGUMENT,
        details: 'nothing was asked',
      });
      expect(await customer.balance()).toEqual(before);
    });
  });
});
