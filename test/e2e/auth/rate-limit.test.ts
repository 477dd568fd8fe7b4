import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { SIGNED_IN_CALLS } from '../../support/http/client.js';
import { HeldClock } from '../../support/fakes/fake-clock.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('the limit of requests a second', () => {
  let service: TestService;
  let clock: HeldClock;

  beforeEach(async () => {
    service = await startTestService({
      settings: { auth: { rateLimitPerSecond: 5 }, http: { trustProxy: true } },
    });
    clock = new HeldClock(service);
  });

  afterEach(() => service.stop());

  /** A user whose second has just begun. */
  const freshUser = async (): Promise<{ authorization: string }> => {
    const { authorization } = await service.customer();
    clock.advance(1_000);
    return { authorization };
  };
  const balance = (headers: Record<string, string>): Promise<RawReply> =>
    send(service.url, 'GET /api/user/balance', { headers });
  const useUp = async (headers: Record<string, string>, status = 200): Promise<void> => {
    for (let i = 0; i < 5; i++) expect((await balance(headers)).status).toBe(status);
  };

  it('answers the next one 429 with Retry-After, and goes on when the second is over', async () => {
    const user = await freshUser();
    await useUp(user);
    const refused = await balance(user);
    expectRefusal(refused, REFUSALS.tooMany);
    expect(refused.headers['retry-after']).toBe('1');
    expectRefusal(await balance({ ...user, 'accept-language': 'en' }), REFUSALS.tooMany, 'en');
    clock.advance(999);
    expectRefusal(await balance(user), REFUSALS.tooMany);
    clock.advance(1);
    await useUp(user);
  });

  it.each(SIGNED_IN_CALLS)('holds for %s', async (call) => {
    const user = await freshUser();
    await useUp(user);
    expectRefusal(await send(service.url, call, { headers: user }), REFUSALS.tooMany);
  });

  it('holds for requests sent all at once', async () => {
    const user = await freshUser();
    const replies = await Promise.all(Array.from({ length: 30 }, () => balance(user)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(25);
  });

  it('is of a user, from wherever and by whichever carrier', async () => {
    const user = await freshUser();
    await useUp({ ...user, 'x-forwarded-for': '203.0.113.1' });
    expectRefusal(await balance({ ...user, 'x-forwarded-for': '203.0.113.2' }), REFUSALS.tooMany);
    expectRefusal(
      await balance({ cookie: `token=${user.authorization.slice(7)}` }),
      REFUSALS.tooMany,
    );
  });

  it('leaves other users alone, from the same address too', async () => {
    const [one, other] = [await service.customer(), await freshUser()];
    await useUp({ authorization: one.authorization });
    await useUp(other);
  });

  it('is of an address where nobody is signed in, or claims to be without proof', async () => {
    const [here, there] = [
      { 'x-forwarded-for': '203.0.113.3' },
      { 'x-forwarded-for': '203.0.113.4' },
    ];
    await useUp({ ...here, authorization: 'Bearer nonsense' }, 401);
    const body = JSON.stringify({ login: randomUUID(), password: 'x' });
    for (const path of ['register', 'login']) {
      expectRefusal(
        await send(service.url, `POST /api/user/${path}`, json(body, here)),
        REFUSALS.tooMany,
      );
      expect((await send(service.url, `POST /api/user/${path}`, json(body, there))).status).toBe(
        200,
      );
    }
    expectRefusal(await balance({ ...here, authorization: 'Bearer another' }), REFUSALS.tooMany);
    await useUp({ ...here, ...(await freshUser()) });
  });

  it('is of a /64 network of IPv6, whatever else the client writes', async () => {
    for (const end of [1, 2, 3, 4, 5]) {
      const headers = { 'x-forwarded-for': `10.0.0.${end}, 2001:db8::${end}` };
      expect((await balance(headers)).status).toBe(401);
    }
    expectRefusal(await balance({ 'x-forwarded-for': '2001:db8::6' }), REFUSALS.tooMany);
    expect((await balance({ 'x-forwarded-for': '2001:db8:0:1::6' })).status).toBe(401);
  });

  it('does not stop whoever looks after the service', async () => {
    const user = await freshUser();
    await useUp(user);
    for (let i = 0; i < 8; i++) {
      for (const call of ['GET /health/live', 'GET /health/ready', 'GET /metrics']) {
        expect((await send(service.url, call, { headers: user })).status).toBe(200);
      }
    }
  });
});

describe('without a limit of requests a second', () => {
  it('a user may ask as often as they like', async () => {
    const service = await startTestService();
    try {
      const { authorization } = await service.customer();
      const ask = (): Promise<RawReply> =>
        send(service.url, 'GET /api/user/balance', { headers: { authorization } });
      const replies = await Promise.all(Array.from({ length: 300 }, ask));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    } finally {
      await service.stop();
    }
  });
});

describe('more passwords at once than can be hashed', () => {
  it('are 429 with Retry-After', async () => {
    const service = await startTestService({
      settings: { auth: { hashConcurrency: 1, hashQueue: 1 } },
    });
    try {
      const register = (): Promise<RawReply> =>
        send(
          service.url,
          'POST /api/user/register',
          json(JSON.stringify({ login: randomUUID(), password: 'x' })),
        );
      const replies = await Promise.all(Array.from({ length: 20 }, register));
      const refused = replies.filter(({ status }) => status !== 200);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.length).toBeLessThan(20);
      for (const reply of refused) {
        expectRefusal(reply, REFUSALS.busy);
        expect(reply.headers['retry-after']).toBe('1');
      }
    } finally {
      await service.stop();
    }
  });
});
