import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import type { AuthSettings } from '../auth.settings.js';
import { JwtAccessTokens } from './jwt-access-tokens.js';

const USER = '01890a5d-ac96-774b-bcce-b302099a8057';
const NOW = Date.parse('2026-01-02T03:04:05Z') / 1000;
const SECRET = 'sixteen bytes or more';

function json(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A token made by hand, as an attacker or another holder of the key would. */
function forge(header: object, claims: object, { hash = 'sha256', secret = SECRET } = {}): string {
  const content = `${json(header)}.${json(claims)}`;
  return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
}

describe(JwtAccessTokens.name, () => {
  let clock: FakeClock;
  let tokens: JwtAccessTokens;
  const good = { sub: USER, iat: NOW, exp: NOW + 60 };

  beforeEach(() => {
    clock = new FakeClock();
    tokens = new JwtAccessTokens(
      { jwtSecret: SECRET, tokenTtlSeconds: 60 } as unknown as AuthSettings,
      clock,
    );
  });

  it('verifies what it issued, and only until it expires', () => {
    const token = tokens.issue(USER);
    clock.advance(59_000);
    expect(tokens.verify(token)).toBe(USER);
    clock.advance(1_000);
    expect(tokens.verify(token)).toBeUndefined();
  });

  it('refuses a token that expired before it was ever shown', () => {
    const token = tokens.issue(USER);
    clock.advance(60_000);
    expect(tokens.verify(token)).toBeUndefined();
  });

  it('takes a token of another replica that has the same key', () => {
    expect(tokens.verify(forge({ alg: 'HS256', typ: 'JWT' }, good))).toBe(USER);
  });

  it.each([
    ['of another key', forge({ alg: 'HS256' }, good, { secret: 'another key of enough bytes' })],
    ['without an algorithm', `${json({ alg: 'none' })}.${json(good)}.`],
    ['that says it has no algorithm but is signed', forge({ alg: 'none' }, good)],
    ['of another algorithm with the right key', forge({ alg: 'HS512' }, good, { hash: 'sha512' })],
    [
      'with other claims under the signature',
      forge({ alg: 'HS256' }, good).replace(json(good), json({ ...good, exp: NOW + 61 })),
    ],
    ['without an expiry', forge({ alg: 'HS256' }, { sub: USER })],
    ['without a user', forge({ alg: 'HS256' }, { exp: NOW + 60 })],
    ['whose user is no UUID', forge({ alg: 'HS256' }, { ...good, sub: "' OR 1=1" })],
    ['whose user is no text', forge({ alg: 'HS256' }, { ...good, sub: 1 })],
    ['that is nothing', ''],
    ['that is no token', 'a.b.c'],
    ['with null for claims', forge({ alg: 'HS256' }, null as unknown as object)],
  ])('refuses a token %s', (_, token) => {
    expect(tokens.verify(token)).toBeUndefined();
  });

  it('refuses a remembered token with its last character changed', () => {
    const token = tokens.issue(USER);
    expect(tokens.verify(token)).toBe(USER);
    // Four of the last character's six bits count: some changes decode to the same signature and
    // must be refused all the same.
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.replace(
      token.slice(-1),
      '',
    )) {
      expect(tokens.verify(token.slice(0, -1) + last)).toBeUndefined();
    }
  });
});
