import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import type { AuthSettings } from '../auth.settings.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';

const USER = '01890a5d-ac96-774b-bcce-b302099a8057';
const NOW = Date.parse('2026-01-02T03:04:05Z') / 1000;

describe(JwtAccessTokens.name, () => {
  let clock: FakeClock;
  let tokens: JwtAccessTokens;
  const good = { sub: USER, gen: 2, iat: NOW, exp: NOW + 60 };
  const session = {
    userId: USER,
    generation: 2,
    tokenHash: createHash('sha256').update('token').digest('base64'),
    expiresAt: NOW + 60,
    goodUntil: NOW + 60,
  };

  beforeEach(() => {
    clock = new FakeClock();
    tokens = new JwtAccessTokens(
      { jwtSecret: 'sixteen bytes or more', tokenTtlSeconds: 60 } as unknown as AuthSettings,
      clock,
    );
  });

  it('issues claims that it remembers', () => {
    const token = tokens.issue({ userId: USER, generation: 2 });
    const claims = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toEqual({ ...good, jti: expect.stringMatching(/^[\w-]{12}$/) });
    expect(tokens.remember(token, claims)).toMatchObject({ userId: USER, generation: 2 });
  });

  it('recalls what it remembered, and only until it expires', () => {
    expect(tokens.recall('token')).toBeUndefined();
    expect(tokens.remember('token', good)).toEqual(session);
    clock.advance(59_000);
    expect(tokens.recall('token')).toEqual(session);
    clock.advance(1_000);
    expect(tokens.recall('token')).toBeUndefined();
  });

  it('issues tokens that differ, for one user in one second', () => {
    const [one, other] = [1, 2].map(() => tokens.issue({ userId: USER, generation: 0 }));
    expect(one).not.toBe(other);
  });

  it('takes a token of earlier versions for one of the first generation', () => {
    expect(tokens.remember('token', { ...good, gen: undefined })).toEqual({
      ...session,
      generation: 0,
    });
  });

  it('takes a token no longer than tokens are good for now', () => {
    const long = { ...good, iat: NOW - 30, exp: NOW + 3_600 };
    const [goodUntil, expiresAt] = [NOW + 30, NOW + 3_600];
    expect(tokens.remember('token', long)).toEqual({ ...session, goodUntil, expiresAt });
    clock.advance(29_000);
    expect(tokens.recall('token')).toBeDefined();
    clock.advance(1_000);
    expect(tokens.recall('token')).toBeUndefined();
  });

  it('takes no token of a clock that is further ahead than clocks may differ', () => {
    const ahead = (seconds: number) => ({ ...good, iat: NOW + seconds, exp: NOW + seconds + 60 });
    expect(tokens.remember('token', ahead(3_600))).toMatchObject({ expiresAt: NOW + 3_660 });
    expect(tokens.remember('another', ahead(3_601))).toBeUndefined();
    expect(tokens.recall('another')).toBeUndefined();
  });

  it.each([1e18, Infinity])('takes a token that expires at %d for one of a year', (exp) => {
    const session = tokens.remember('token', { ...good, exp });
    expect(session).toMatchObject({ expiresAt: NOW + 31_536_000 });
  });

  it('does not take a token that has expired before it is seen', () => {
    clock.advance(60_000);
    expect(tokens.remember('token', good)).toBeUndefined();
  });

  it('recalls a token by all of its characters', () => {
    tokens.remember('token', good);
    expect(tokens.recall('token ')).toBeUndefined();
    expect(tokens.recall('tokeN')).toBeUndefined();
  });

  it.each([
    ['that are null', null],
    ['that are text', USER],
    ['without an expiry', { sub: USER }],
    ['without the time of issue', { sub: USER, exp: NOW + 60 }],
    ['without a user', { iat: NOW, exp: NOW + 60 }],
    ['whose generation is no number', { ...good, gen: '2' }],
    ['whose user is no UUID', { ...good, sub: "' OR 1=1" }],
    ['whose user is no text', { ...good, sub: 1 }],
  ])('does not take claims %s', (_, claims) => {
    expect(tokens.remember('token', claims)).toBeUndefined();
    expect(tokens.recall('token')).toBeUndefined();
  });
});
