import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BlockUser, EndSessions, Sessions } from '../../../src/auth/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { HeldClock } from '../../support/fakes/fake-clock.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { RPC_SECRET, RpcClient } from '../../support/http/rpc-client.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';
import { freePort } from '../../support/processes/service-process.js';

describe('sessions at portals', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  let port: number;
  let billing: TestService;
  let portals: readonly [TestService, TestService];

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
  });

  beforeEach(async () => {
    port = await freePort();
    billing = await startTestService({
      database,
      accrual,
      settings: {
        process: { roles: ['billing', 'accrual'] },
        auth: { passwordMinLength: 8, loginAttemptsPerMinute: 2 },
        cashback: { tickMs: 20 },
        rpc: { address: { host: '127.0.0.1', port }, secret: RPC_SECRET },
      },
    });
    const settings = {
      process: { roles: ['portal'] as const },
      rpc: { billing: { host: 'localhost', port }, secret: RPC_SECRET },
    };
    const databaseUri = 'postgres://127.0.0.1:1/none';
    const portal = (): Promise<TestService> =>
      startTestService({ database, accrual, databaseUri, settings });
    portals = [await portal(), await portal()];
  });

  afterEach(async () => {
    for (const each of portals) await each.stop();
    await billing.stop();
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
  });

  const balance = ({ authorization }: Customer, { url } = portals[0]): Promise<RawReply> =>
    send(url, 'GET /api/user/balance', { headers: { authorization } });
  const change = (customer: Customer, current: string, next: string): Promise<RawReply> =>
    send(
      portals[0].url,
      'POST /api/user/password',
      json(JSON.stringify({ current, new: next }), { authorization: customer.authorization }),
    );
  const isRefused = (customer: Customer, portal = portals[0]): Promise<void> =>
    eventually('it is refused', async () => (await balance(customer, portal)).status === 401);

  it('end with a log-out: here at once, at other portals soon', async () => {
    const customer = await portals[0].customer();
    expect((await balance(customer, portals[1])).status).toBe(200);
    expect(await customer.statusOf('POST', '/api/user/logout')).toBe(204);
    expectRefusal(await balance(customer), REFUSALS.unauthenticated);
    await isRefused(customer, portals[1]);
  });

  it('end with a change of the password, which billing looks at', async () => {
    const customer = await portals[0].customer();
    expectRefusal(
      await change(customer, 'a password', 'short'),
      REFUSALS.badRequest,
      'ru',
      'a new password has at least 8 characters',
    );
    expectRefusal(await change(customer, 'no password', 'another one'), REFUSALS.wrongPair);
    const reply = await change(customer, 'a password', 'another one');
    expect(reply.status).toBe(200);
    const authorization = reply.headers.authorization ?? '';
    const claims = readClaims(authorization) as { gen?: number };
    expect(claims.gen).toBeGreaterThan(0);
    expectRefusal(await balance(customer), REFUSALS.unauthenticated);
    await isRefused(customer, portals[1]);
    for (const { url } of portals)
      expect(
        (await send(url, 'GET /api/user/balance', { headers: { authorization } })).status,
      ).toBe(200);
    const body = JSON.stringify({ login: customer.login, password: 'another one' });
    const again = await send(portals[1].url, 'POST /api/user/login', json(body));
    expect(readClaims(again.headers.authorization ?? '')).toMatchObject({ gen: claims.gen });
  });

  it('end when billing says so, and a withdrawal of a blocked user is refused before', async () => {
    const [one, other] = [await portals[0].customer(), await portals[0].customerWith('10')];
    const idOf = ({ authorization }: Customer): string => readClaims(authorization).sub;
    await billing.app.get(EndSessions).execute(idOf(one), () => undefined);
    await billing.app.get(BlockUser).execute(idOf(other), 'fraud', () => undefined);
    expect((await other.withdraw(freshNumber(), 1)).status).toBe(401);
    await isRefused(one);
    await isRefused(other, portals[1]);
  });

  it('are refused with 503 by a portal that was cut off for 10 s', async () => {
    const customer = await portals[0].customer();
    const clock = new HeldClock(portals[0]);
    await portals[0].app.get(Sessions).refresh();
    await billing.stop();
    clock.advance(10_001);
    expectRefusal(await balance(customer), REFUSALS.unavailable);
  });

  it('end by RPC, which says what is wrong with its commands', async () => {
    const customer = await portals[0].customer();
    const token = customer.authorization.slice(7);
    const { sub, exp } = readClaims(token);
    const good = {
      userId: sub,
      tokenSha256: createHash('sha256').update(token).digest(),
      expiresAt: exp,
    };
    const client = RpcClient.of(port, 'users.proto/Users');
    const reply = await client.call('LogOut', {
      tokens: [
        { ...good, tokenSha256: Buffer.from('short') },
        { ...good, expiresAt: -1 },
        { ...good, userId: 'gopher' },
        good,
      ],
    });
    client.close();
    expect(reply).toMatchObject({
      outcomes: [
        { refusal: { detail: 'token_sha256 must have 32 bytes' } },
        { refusal: { detail: 'expires_at must be in seconds since 1970' } },
        { refusal: { detail: 'user_id must be a UUID' } },
        { loggedOut: {} },
      ],
    });
    await isRefused(customer);
  });
});
