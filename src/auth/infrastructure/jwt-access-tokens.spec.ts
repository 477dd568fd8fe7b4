import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import type { AuthSettings } from '../auth.settings.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';

const USER = '01890a5d-ac96-774b-bcce-b302099a8057';
const NOW = Date.parse('2026-01-02T03:04:05Z') / 1000;

describe(JwtAccessTokens.name, () => {
  let clock: FakeClock;
  let tokens: JwtAccessTokens;
  const good = { sub: USER, iat: NOW, exp: NOW + 60 };

  beforeEach(() => {
    clock = new FakeClock();
    tokens = new JwtAccessTokens(
      { jwtSecret: 'sixteen bytes or more', tokenTtlSeconds: 60 } as unknown as AuthSettings,
      clock,
    );
  });

  it('issues claims that it remembers', () => {
    const token = tokens.issue(USER);
    const claims = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    ) as object;
    expect(claims).toEqual(good);
    expect(tokens.remember(token, claims)).toBe(USER);
  });

  it('recalls what it remembered, and only until it expires', () => {
    expect(tokens.recall('token')).toBeUndefined();
    expect(tokens.remember('token', good)).toBe(USER);
    clock.advance(59_000);
    expect(tokens.recall('token')).toBe(USER);
    clock.advance(1_000);
    expect(tokens.recall('token')).toBeUndefined();
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
    ['without a user', { exp: NOW + 60 }],
    ['whose user is no UUID', { ...good, sub: "' OR 1=1" }],
    ['whose user is no text', { ...good, sub: 1 }],
  ])('does not take claims %s', (_, claims) => {
    expect(tokens.remember('token', claims)).toBeUndefined();
    expect(tokens.recall('token')).toBeUndefined();
  });
});
