import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../../src/config/roles.js';
import { RpcServer } from '../../../src/platform/grpc/rpc-server.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const ids = new UuidV7Ids();

describe('processes of some roles, on one database', () => {
  let front: TestService;

  beforeAll(async () => {
    front = await startTestService({ settings: { process: { roles: ['portal', 'billing'] } } });
  });

  afterAll(() => front.stop());

  const beside = (roles: readonly Role[], settings: object = {}): Promise<TestService> =>
    startTestService({
      database: front.database,
      accrual: front.accrual,
      settings: { process: { roles }, cashback: { tickMs: 20 }, ...settings },
    });

  const statusOf = async ({ url }: TestService, path: string): Promise<number> =>
    (await fetch(`${url}${path}`)).status;

  it('ask the accrual system in the role accrual alone', async () => {
    const customer = await front.customer();
    const number = freshNumber();
    front.accrual.script(number, processed(number, '5'));
    await customer.upload(number);
    const worker = await beside(['accrual']);
    await eventually('credited', async () => (await customer.balance()).current === 5);
    expect(await customer.order(number)).toMatchObject({ status: 'PROCESSED' });
    await worker.stop();
  });

  it.each([[['billing']], [['accrual']], [['relay']]] as const)(
    'serve health and metrics, and no API, in the roles %j',
    async (roles) => {
      const service = await beside(roles);
      expect(await statusOf(service, '/health/ready')).toBe(200);
      expect(await statusOf(service, '/metrics')).toBe(200);
      for (const path of ['/', '/docs', '/api/user/balance', '/sandbox/order'])
        expect([path, await statusOf(service, path)]).toEqual([path, 404]);
      await service.stop();
    },
  );

  it('serve gRPC in the role billing, for customers of a portal', async () => {
    const billing = await beside(['billing'], {
      rpc: { address: { host: '127.0.0.1', port: 0 }, secret: RPC_SECRET },
    });
    const { port } = billing.app.get(RpcServer, { strict: false });
    const users = RpcClient.of(port, 'users.proto/Users');
    const customer = await front.customer();
    const attempt = { login: customer.login, password: 'a password', address: '' };
    const { outcomes } = await users.call<{ outcomes: { userId: string }[] }>('LogIn', {
      attempts: [attempt],
    });
    const [{ userId } = { userId: '' }] = outcomes;
    const number = freshNumber();
    const orders = RpcClient.of(port, 'orders.proto/OrderCommands');
    await orders.call('UploadOrders', { uploads: [{ id: ids.next(), userId, number }] });
    expect(await customer.order(number)).toMatchObject({ status: 'NEW' });
    orders.close();
    users.close();
    await billing.stop();
  });
});
