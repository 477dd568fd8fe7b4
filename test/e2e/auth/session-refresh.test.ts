import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Sessions } from '../../../src/auth/index.js';
import { Readiness } from '../../../src/platform/observability/readiness.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { HeldClock } from '../../support/fakes/fake-clock.js';
import { eventually } from '../../support/eventually.js';
import type { Customer } from '../../support/http/customer.js';
import { readClaims } from '../../support/http/forged-token.js';
import { send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('a replica that refreshes which sessions have ended', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let service: TestService;
  let customer: Customer;

  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await TcpProxy.start(database.uri);
    service = await startTestService({ database, databaseUri: proxy.uri });
    customer = await service.customer();
  });

  afterEach(async () => {
    proxy.comeBack();
    await service.stop();
    await proxy.stop();
    await database.drop();
  });

  const balance = () =>
    send(service.url, 'GET /api/user/balance', {
      headers: { authorization: customer.authorization },
    });
  const logOut = (): Promise<number> => customer.statusOf('POST', '/api/user/logout');

  it('refuses at once what it has ended itself', async () => {
    expect(await logOut()).toBe(204);
    expectRefusal(await balance(), REFUSALS.unauthenticated);
  });

  it('refuses what has ended before it was started', async () => {
    await logOut();
    const { accrual } = service;
    const later = await startTestService({ database, accrual });
    expect(await customer.at(later.url).statusOf('GET', '/api/user/balance')).toBe(401);
    await later.stop();
  });

  it('refuses every token with 503 when cut off for 10 s, and accepts them again', async () => {
    const clock = new HeldClock(service);
    await service.app.get(Sessions).refresh();
    proxy.goDown();
    clock.advance(10_001);
    expectRefusal(await balance(), REFUSALS.unavailable);
    expect(await service.app.get(Readiness).obstacleOf('sessions')).toMatch('not known');
    expectRefusal(await send(service.url, 'GET /api/user/balance'), REFUSALS.unauthenticated);
    proxy.comeBack();
    clock.advance(1_000);
    await eventually('it is ready again', () => service.app.get(Readiness).isReady());
    expect((await balance()).status).toBe(200);
  });

  it('accepts tokens after it stood still for long, once it has asked', async () => {
    const clock = new HeldClock(service);
    await service.app.get(Sessions).refresh();
    clock.advance(60_000);
    expect((await balance()).status).toBe(200);
  });

  it.each([
    ['a generation that is raised', 'UPDATE gophermart.users SET generation = generation + 1'],
    ['a user who is removed', 'DELETE FROM gophermart.users'],
  ])('hears of %s by hand', async (_, statement) => {
    const { sub } = readClaims(customer.authorization);
    await database.query(`${statement} WHERE id = $1`, [sub]);
    await eventually('the session is over', async () => {
      const reply = await send(service.url, 'GET /health/live');
      expect(reply.status).toBe(200);
      return (
        service.app.get(Sessions).stateOf({
          userId: sub,
          generation: 0,
          tokenHash: '',
          expiresAt: Infinity,
          goodUntil: Infinity,
        }) === 'ended'
      );
    });
    expectRefusal(await balance(), REFUSALS.unauthenticated);
  });
});
