import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BODY_CALLS, SESSION_CALLS, SIGNED_IN_CALLS } from '../../support/http/client.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { eventually } from '../../support/eventually.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('while the database is away', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let service: TestService;
  let customer: Customer;
  let order: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await TcpProxy.start(database.uri);
    service = await startTestService({ database, databaseUri: proxy.uri });
    customer = await service.customerWith('100');
    order = freshNumber();
    proxy.goDown();
  });

  afterAll(async () => {
    proxy.comeBack();
    await service.stop();
    await proxy.stop();
    await database.drop();
  });

  const ask = (call: string, language = 'ru'): Promise<RawReply> => {
    const credentials = `"login":"${customer.login}","password":"a password"`;
    const body = call.startsWith('GET')
      ? undefined
      : `{${credentials},"number":"${order}","order":"${order}","sum":10,"current":"a","new":"b"}`;
    const { headers } = json('', {
      authorization: customer.authorization,
      'accept-language': language,
    });
    return send(service.url, call, {
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
    });
  };

  it.each([...new Set([...SIGNED_IN_CALLS, ...BODY_CALLS, ...SESSION_CALLS])])(
    '%s is 503, and may be tried again',
    async (call) => {
      const reply = await ask(call);
      expectRefusal(reply, REFUSALS.unavailable);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      expectRefusal(await ask(call, 'en'), REFUSALS.unavailable, 'en');
    },
  );

  it('a request without a token is still told so', async () => {
    for (const call of SIGNED_IN_CALLS)
      expectRefusal(await send(service.url, call), REFUSALS.unauthenticated);
  });

  it('the service is alive, but not ready', async () => {
    expect((await ask('GET /health/live')).status).toBe(200);
    expectRefusal(await ask('GET /health/ready'), REFUSALS.unavailable);
    expectRefusal(await ask('GET /health/ready', 'en'), REFUSALS.unavailable, 'en');
  });

  it('metrics and docs are served', async () => {
    for (const call of ['GET /metrics', 'GET /docs', 'GET /docs-json'])
      expect((await ask(call)).status).toBe(200);
  });

  it('nothing is lost: when it is back, everything goes on by itself', async () => {
    proxy.comeBack();
    // The address may stand for two portals, which take turns.
    const isReady = async (): Promise<boolean> => (await ask('GET /health/ready')).status === 200;
    await eventually('all are ready again', async () => (await isReady()) && (await isReady()));
    expect(await customer.balance()).toEqual({ current: 100, withdrawn: 0 });
    expect((await ask('POST /api/user/balance/withdraw')).status).toBe(200);
    expect((await ask('POST /api/user/orders')).status).toBe(202);
    expect((await ask('POST /api/user/login')).status).toBe(200);
    await customer.earn('5', service.accrual);
    expect(await customer.balance()).toEqual({ current: 95, withdrawn: 10 });
  });
});
