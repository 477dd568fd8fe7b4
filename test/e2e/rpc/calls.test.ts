import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { status as STATUS } from '@grpc/grpc-js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { RpcServer } from '../../../src/platform/grpc/rpc-server.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();

describe('a call of gRPC', () => {
  let service: TestService;
  let users: RpcClient;
  let orders: RpcClient;
  let shownOrders: RpcClient;
  let commands: RpcClient;

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
    commands = RpcClient.of(port, 'commands.proto/Commands');
  });

  afterAll(async () => {
    for (const client of [users, orders, shownOrders, commands]) client.close();
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
    const stream = commands.dialog('Exchange', secret);
    await expect(once(stream, 'data')).rejects.toMatchObject(unauthenticated);
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
});
