import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RpcServer } from '../../../src/platform/grpc/rpc-server.js';
import {
  createTestDatabase,
  lockWaits,
  type TestDatabase,
} from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { RPC_SECRET } from '../../support/http/rpc-client.js';
import { giveOrders, startTestService, type TestService } from '../../support/http/test-service.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { freePort } from '../../support/processes/service-process.js';

const TLS = join(import.meta.dirname, '../../support/http/tls');
const FILES = ['localhost.pem', 'localhost-key.pem', 'stranger.pem'];
const [certificate, key, stranger] = FILES.map((name) => readFileSync(join(TLS, name)));

/** Where it is not the database that a portal would find. */
const NOWHERE = 'postgres://127.0.0.1:1/none';

describe('a portal', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  let port: number;
  let billing: TestService;
  let portal: TestService;

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
    port = await freePort();
  });

  afterEach(async () => {
    await portal.stop();
    await billing.stop();
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
  });

  const startBilling = async (rpc: object = {}): Promise<void> => {
    billing = await startTestService({
      database,
      accrual,
      settings: {
        process: { roles: ['billing', 'accrual'] },
        auth: { loginAttemptsPerMinute: 2, hashConcurrency: 1, hashQueue: 100 },
        cashback: { tickMs: 20 },
        rpc: { address: { host: '127.0.0.1', port }, secret: RPC_SECRET, ...rpc },
      },
    });
  };

  const startPortal = async (rpc: object = {}): Promise<void> => {
    portal = await startTestService({
      database,
      accrual,
      databaseUri: NOWHERE,
      settings: {
        process: { roles: ['portal'] },
        http: { trustProxy: 1 },
        rpc: { billing: { host: 'localhost', port }, secret: RPC_SECRET, ...rpc },
      },
    });
  };

  const lockAccountOf = async ({ login }: Customer): Promise<() => Promise<unknown>> => {
    await database.query('BEGIN');
    await database.query(
      `SELECT FROM gophermart.accounts a JOIN gophermart.users u ON u.id = a.user_id
       WHERE login = '${login}' FOR UPDATE OF a`,
    );
    return () => database.query('COMMIT');
  };

  const readiness = async (): Promise<number> => (await fetch(`${portal.url}/health/ready`)).status;
  const ready = (): Promise<void> => eventually('ready', async () => (await readiness()) === 200);

  const logIn = (address: string, password = 'wrong'): ReturnType<typeof send> =>
    send(
      portal.url,
      'POST /api/user/login',
      json(`{"login":"nobody","password":"${password}"}`, { 'x-forwarded-for': address }),
    );

  it('needs billing and nothing else', async () => {
    await startBilling();
    await startPortal();
    await ready();
    const customer = await portal.customerWith('729.98');
    const order = freshNumber();
    expect((await customer.withdraw(order, '29.9')).status).toBe(200);
    expect((await customer.withdraw(order, '29.90')).status).toBe(200);
    expect((await customer.withdraw(order, '30')).status).toBe(409);
    expect((await customer.withdraw(freshNumber(), '1000')).status).toBe(402);
    expect(await customer.balance()).toEqual({ current: 700.08, withdrawn: 29.9 });
    expect(await customer.withdrawals()).toEqual([
      { order, sum: 29.9, processed_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
    expect(await customer.orders()).toMatchObject([{ status: 'PROCESSED', accrual: 729.98 }]);
  });

  it('passes a long list on, page by page', async () => {
    await startBilling();
    await startPortal();
    const customer = await portal.customer();
    await giveOrders(portal, customer, 3_000);
    const direct = await startTestService({ database, accrual });
    expect(await customer.orders()).toEqual(await customer.at(direct.url).orders());
    await direct.stop();
  });

  it('has failed log-ins counted by the address of the client, a network of IPv6', async () => {
    await startBilling();
    await startPortal();
    expect((await logIn('2001:db8:0:1::1')).status).toBe(401);
    expect((await logIn('2001:db8:0:1::2')).status).toBe(401);
    const refused = await logIn('2001:db8:0:1::3');
    expectRefusal(refused, REFUSALS.loginAttempts);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await logIn('2001:db8:0:2::1')).status).toBe(401);
    expect((await logIn('192.0.2.1')).status).toBe(401);
  });

  it('refuses a user who is gone', async () => {
    await startBilling();
    await startPortal();
    const customer = await portal.customer();
    await database.query(`DELETE FROM gophermart.users WHERE login = '${customer.login}'`);
    expect((await customer.upload(freshNumber())).status).toBe(401);
    expect((await customer.withdraw(freshNumber(), '1')).status).toBe(401);
    expect((await customer.upload('12')).status).toBe(401);
    for (const path of ['orders', 'withdrawals', 'balance'])
      expect((await customer.call('GET', `/api/user/${path}`)).status).toBe(401);
  });

  it('has nobody charged whose connection has ended', async () => {
    await startBilling();
    await startPortal();
    const customer = await portal.customerWith('5');
    const release = await lockAccountOf(customer);
    const leaving = new AbortController();
    const { headers } = json('', { authorization: customer.authorization });
    const first = fetch(`${portal.url}/api/user/balance/withdraw`, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: `{"order":"${freshNumber()}","sum":1}`,
      signal: leaving.signal,
    });
    await eventually('it waits', async () => (await lockWaits(database)) === 1);
    leaving.abort();
    await expect(first).rejects.toThrow();
    const second = customer.withdraw(freshNumber(), '2');
    await release();
    expect((await second).status).toBe(200);
    expect(await customer.balance()).toEqual({ current: 3, withdrawn: 2 });
  });

  it('has no password hashed for a client that has left', async () => {
    await startBilling();
    await startPortal();
    const leaving = new AbortController();
    const attempts = Array.from({ length: 60 }, (_, i) =>
      fetch(`${portal.url}/api/user/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ login: `leaving-${i}`, password: 'a password' }),
        signal: leaving.signal,
      }),
    );
    await eventually('some are registered', async () => {
      const users = `SELECT FROM gophermart.users WHERE login LIKE 'leaving-%'`;
      return (await database.query(users)).length > 0;
    });
    leaving.abort();
    await Promise.allSettled(attempts);
    await portal.customer();
    const left = `SELECT FROM gophermart.users WHERE login LIKE 'leaving-%'`;
    expect((await database.query(left)).length).toBeLessThan(55);
  });

  it('answers 503 while billing is away, and recovers by itself', async () => {
    await startBilling();
    await startPortal();
    const customer = await portal.customerWith('5');
    await billing.stop();
    const { authorization } = customer;
    for (const call of ['GET /api/user/balance', 'GET /api/user/orders'])
      expectRefusal(
        await send(portal.url, call, { headers: { authorization } }),
        REFUSALS.unavailable,
      );
    expect((await customer.upload(freshNumber())).status).toBe(503);
    expect((await customer.withdraw(freshNumber(), '1')).status).toBe(503);
    expect((await logIn('192.0.2.2')).status).toBe(503);
    expect(await readiness()).toBe(503);
    await startBilling();
    await ready();
    expect((await customer.withdraw(freshNumber(), '1')).status).toBe(200);
  });

  it('trusts the certificates that it is given, and no others', async () => {
    await startBilling({ certificate, key });
    await startPortal({ ca: certificate });
    await ready();
    expect((await portal.customerWith('5')).login).toBeDefined();
    const untrusted = [{}, { ca: stranger }, { ca: certificate, billing: { host: '::1', port } }];
    for (const rpc of untrusted) {
      await portal.stop();
      await startPortal(rpc);
      expect(await readiness()).toBe(503);
      expect((await logIn('192.0.2.3')).status).toBe(503);
    }
  });

  it('repeats a call whose connection is lost, and nothing is charged twice', async () => {
    await startBilling();
    const proxy = await TcpProxy.start(`postgres://localhost:${port}`);
    const between = Number(new URL(proxy.uri).port);
    await startPortal({ billing: { host: '127.0.0.1', port: between } });
    const customer = await portal.customerWith('5');
    const release = await lockAccountOf(customer);
    const withdrawal = customer.withdraw(freshNumber(), '2');
    await eventually('it waits', async () => (await lockWaits(database)) === 1);
    proxy.breakAll();
    await eventually('it waits again', async () => (await lockWaits(database)) === 2);
    await release();
    expect((await withdrawal).status).toBe(200);
    expect(await customer.balance()).toEqual({ current: 3, withdrawn: 2 });
    await proxy.stop();
  });

  it('is not ready where its secret is another one', async () => {
    await startBilling();
    await startPortal({ secret: 'the secret of somebody else' });
    expect(await readiness()).toBe(503);
    expect((await logIn('192.0.2.4')).status).toBe(503);
    expect(billing.app.get(RpcServer, { strict: false }).port).toBe(port);
  });
});
