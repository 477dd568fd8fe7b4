import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { fastify, type FastifyInstance } from 'fastify';
import { v7 as uuid } from 'uuid';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { SystemClock } from '../../platform/system.js';
import type { AuthSettings } from '../auth.settings.js';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import { SessionEnds, type SessionEndsPage } from '../application/ports.js';
import { Sessions } from '../application/sessions.js';
import { JwtAccessTokens } from '../infrastructure/jwt-access-tokens.js';
import { Authentication } from './authentication.js';
import { JwtStrategy } from './token/jwt.strategy.js';
import { RateLimit } from './rate-limit.js';

const SECRET = 'sixteen bytes or more';
const OLD_SECRET = 'the key of the time before';
const [ANN, BOB] = [uuid(), uuid()];
const NOW = Math.floor(Date.now() / 1000);
const GOOD = { sub: ANN, iat: NOW, exp: NOW + 60 };
const HS256 = { alg: 'HS256', typ: 'JWT' };

/** A token made by hand, as an attacker or another holder of the key would. */
function forge(claims: unknown, header: object = HS256, hash = 'sha256', secret = SECRET): string {
  const encode = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}

Logger.overrideLogger(false);

class NothingEnds extends SessionEnds {
  isAway = false;

  after(): Promise<SessionEndsPage> {
    if (this.isAway) return Promise.reject(new DatabaseUnavailable('nobody answers'));
    return Promise.resolve({ ends: [], mark: undefined, isLast: true });
  }
}

describe(Authentication.name, () => {
  let server: FastifyInstance;
  let ends: NothingEnds;
  let sessions: Sessions;
  let validate: jest.SpiedFunction<JwtStrategy['validate']>;

  const start = (rateLimitPerSecond: number): void => {
    const clock = new SystemClock();
    const settings = {
      jwtSecret: SECRET,
      jwtOldSecret: OLD_SECRET,
      tokenTtlSeconds: 60,
      rateLimitPerSecond,
    } as unknown as AuthSettings;
    const tokens = new JwtAccessTokens(settings, clock);
    validate = jest.spyOn(new JwtStrategy(settings, tokens), 'validate');
    ends = new NothingEnds();
    sessions = new Sessions(ends, clock, settings);
    server = fastify();
    new Authentication(tokens, sessions, new RateLimit(settings, new FakeClock())).closeRoutes(
      server,
      (url) => url === '/docs',
    );
    for (const url of ['/api/closed', '/closed', '/docs'])
      server.get(url, ({ userId }) => `hello ${userId}`);
    server.get('/api/public', { config: { isPublic: true } }, ({ userId }) => `hello ${userId}`);
    server.post('/api/upload', ({ body }) => body);
  };
  const call = async (url: string, token?: string): Promise<string> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { statusCode, body } = await server.inject({ url, headers });
    return statusCode === 200 ? body : (JSON.parse(body) as { message: string }).message;
  };
  const NOBODY = 'a valid token of an existing user is required';

  beforeEach(() => start(0));

  afterEach(() => server.close());

  it('closes every route that is not declared open', async () => {
    for (const url of ['/api/closed', '/closed']) {
      await expect(call(url)).resolves.toBe(NOBODY);
      await expect(call(url, forge(GOOD))).resolves.toBe(`hello ${ANN}`);
    }
    for (const url of ['/docs', '/api/public'])
      await expect(call(url)).resolves.toBe('hello undefined');
  });

  it.each([0, 1_000])(
    'verifies a token once, and goes one way, with the limit %d',
    async (limit) => {
      await server.close();
      start(limit);
      const token = forge(GOOD);
      for (let i = 0; i < 3; i++)
        await expect(call('/api/closed', token)).resolves.toBe(`hello ${ANN}`);
      expect(validate).toHaveBeenCalledTimes(1);
      await expect(call('/api/closed', 'nonsense')).resolves.toBe(NOBODY);
    },
  );

  it('lets nobody in whose session has ended, and counts them as nobody', async () => {
    await server.close();
    start(1);
    const [token, other] = [forge(GOOD), forge({ ...GOOD, gen: 1 })];
    sessions.end({ userId: ANN, generation: 1 });
    await expect(call('/api/closed', token)).resolves.toBe(NOBODY);
    await expect(call('/api/closed', other)).resolves.toBe(`hello ${ANN}`);
  });

  it('lets nobody in while it is not known who has left, and asks once it can be', async () => {
    ends.isAway = true;
    await expect(call('/api/closed', forge(GOOD))).resolves.toMatch('not known which sessions');
    await expect(call('/api/public', forge(GOOD))).resolves.toBe('hello undefined');
    await expect(call('/api/closed', 'nonsense')).resolves.toBe(NOBODY);
    ends.isAway = false;
    await sessions.refresh();
    await expect(call('/api/closed', forge(GOOD))).resolves.toBe(`hello ${ANN}`);
  });

  it('does not mix up requests that wait at once', async () => {
    const tokens = [ANN, BOB, uuid()].map((sub) => forge({ ...GOOD, sub }));
    const replies = await Promise.all(
      [...tokens, 'nonsense', ...tokens].map((token) => call('/api/closed', token)),
    );
    expect(replies.slice(0, 2)).toEqual([`hello ${ANN}`, `hello ${BOB}`]);
    expect(replies[3]).toBe(NOBODY);
    expect(replies.slice(4)).toEqual(replies.slice(0, 3));
  });

  it('refuses before the body is read', async () => {
    const headers = { 'content-type': 'application/json' };
    const { body } = await server.inject({
      method: 'POST',
      url: '/api/upload',
      headers,
      payload: '{',
    });
    expect(body).toContain(NOBODY);
  });

  it('counts a user wherever they are, and an address where the token is not good', async () => {
    await server.close();
    start(1);
    await expect(call('/api/closed', forge(GOOD))).resolves.toBe(`hello ${ANN}`);
    await expect(call('/api/public', forge({ ...GOOD, n: 1 }))).resolves.toMatch('too many');
    await expect(call('/api/closed', 'nonsense')).resolves.toBe(NOBODY);
    await expect(call('/api/closed', 'other nonsense')).resolves.toMatch('too many');
    await expect(call('/api/closed', forge({ ...GOOD, sub: BOB }))).resolves.toBe(`hello ${BOB}`);
    await expect(call('/closed', forge(GOOD))).resolves.toBe(`hello ${ANN}`);
  });

  it('takes a token of the old key, too, and everything else must be right with it', async () => {
    await expect(call('/api/closed', forge(GOOD, HS256, 'sha256', OLD_SECRET))).resolves.toBe(
      `hello ${ANN}`,
    );
    for (const [claims, header, hash] of [
      [{ ...GOOD, exp: NOW - 1 }, HS256, 'sha256'],
      [GOOD, { alg: 'none' }, 'sha256'],
      [GOOD, { alg: 'HS512' }, 'sha512'],
    ] as const)
      await expect(call('/api/closed', forge(claims, header, hash, OLD_SECRET))).resolves.toBe(
        NOBODY,
      );
  });

  it.each([null, 1, 'text', true, [], [null]])(
    'refuses a token of ours whose payload is %j, whatever its type',
    async (payload) => {
      await expect(call('/api/closed', forge(payload))).resolves.toBe(NOBODY);
      await expect(call('/api/closed', forge(payload, { alg: 'HS256' }))).resolves.toBe(NOBODY);
    },
  );

  it.each([
    ['of another key', forge(GOOD, HS256, 'sha256', 'another key of enough bytes')],
    ['that says it has no algorithm but is signed', forge(GOOD, { alg: 'none' })],
    ['of another algorithm with the right key', forge(GOOD, { alg: 'HS512' }, 'sha512')],
    ['that has expired', forge({ ...GOOD, exp: NOW - 1 })],
    ['without an expiry', forge({ sub: ANN, iat: NOW })],
    ['with its last character cut off', forge(GOOD).slice(0, -1)],
  ])('refuses a token %s', async (_, token) => {
    await expect(call('/api/closed', token)).resolves.toBe(NOBODY);
  });
});
