import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('log-in', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService({ settings: { auth: { loginAttemptsPerMinute: 0 } } });
  });

  afterAll(() => service.stop());

  const call = (path: string, login: string, password: string): Promise<RawReply> =>
    send(service.url, `POST /api/user/${path}`, json(JSON.stringify({ login, password })));
  const registered = async (password: string): Promise<string> => {
    const login = randomUUID();
    expect((await call('register', login, password)).status).toBe(200);
    return login;
  };

  it('replies with the token in a header and in a cookie', async () => {
    const login = await registered('secret');
    const reply = await call('login', login, 'secret');
    expect([reply.status, reply.text]).toEqual([200, '']);
    const token = reply.headers.authorization?.replace('Bearer ', '');
    expect(reply.headers['set-cookie']).toEqual([expect.stringMatching(`^token=${token}; `)]);
    expect(reply.headers['set-cookie']?.[0]).toMatch(/; HttpOnly/);
    expect(reply.headers['set-cookie']?.[0]).toMatch(/; SameSite=(Strict|Lax)/);
    const orders = await send(service.url, 'GET /api/user/orders', {
      headers: { cookie: `token=${token}` },
    });
    expect(orders.status).toBe(204);
  });

  it('leaves older tokens good', async () => {
    const login = await registered('secret');
    const tokens = [await call('login', login, 'secret'), await call('login', login, 'secret')].map(
      ({ headers }) => headers.authorization,
    );
    for (const authorization of tokens) {
      expect(
        (await send(service.url, 'GET /api/user/balance', { headers: { authorization } })).status,
      ).toBe(200);
    }
  });

  it.each([
    ['longer than the 72 bytes that bcrypt reads', 'p'.repeat(72) + '1', 'p'.repeat(72) + '2'],
    ['of a thousand characters', 'я'.repeat(1000) + '1', 'я'.repeat(1000)],
    ['with a space before it', ' secret', 'secret'],
    ['with white space after it', 'secret\n', 'secret'],
    ['in another case', 'Secret', 'secret'],
    ['of spaces only', '  ', ' '],
  ])('takes every character of a password %s seriously', async (_, password, nearly) => {
    const login = await registered(password);
    expectRefusal(await call('login', login, nearly), REFUSALS.wrongPair);
    expect((await call('login', login, password)).status).toBe(200);
  });

  it('gives no token to a wrong pair', async () => {
    const reply = await call('login', await registered('secret'), 'guess');
    expectRefusal(reply, REFUSALS.wrongPair);
    expect(reply.headers).not.toHaveProperty('www-authenticate');
    expect(reply.headers).not.toHaveProperty('authorization');
    expect(reply.headers).not.toHaveProperty('set-cookie');
  });

  it('replies to an unknown login as it does to a wrong password', async () => {
    const wrongPassword = await call('login', await registered('secret'), 'guess');
    const unknownLogin = await call('login', randomUUID(), 'guess');
    expect(unknownLogin.text).toBe(wrongPassword.text);
    expect(lasting(unknownLogin)).toEqual(lasting(wrongPassword));
  });

  it('takes as much work for an unknown login as for a wrong password', async () => {
    const login = await registered('secret');
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 15; i++) {
      known.push(await cpuOf(() => call('login', login, 'guess')));
      unknown.push(await cpuOf(() => call('login', randomUUID(), 'guess')));
    }
    const ratio = median(unknown) / median(known);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });
});

/** The headers that do not change from one reply to the next. */
function lasting({ headers }: RawReply): object {
  return { ...headers, date: undefined, 'x-request-id': undefined };
}

/** CPU of this process, which the service runs in: time is longer while others use the cores. */
async function cpuOf(action: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await action();
  return process.cpuUsage(before).user;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
