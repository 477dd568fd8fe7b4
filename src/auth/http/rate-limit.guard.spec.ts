import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { ReadableTokens } from '../../../test/support/http/readable-tokens.js';
import type { ExecutionContext } from '@nestjs/common';
import type { AuthSettings } from '../auth.settings.js';
import { TooManyRequests } from '../domain/errors.js';
import { RateLimitGuard } from './rate-limit.guard.js';

interface Sent {
  readonly authorization?: string;
  readonly ip?: string;
  readonly route?: string;
}

describe(RateLimitGuard.name, () => {
  let clock: FakeClock;
  let guard: RateLimitGuard;

  const limitTo = (rateLimitPerSecond: number): void => {
    guard = new RateLimitGuard(
      { rateLimitPerSecond } as unknown as AuthSettings,
      new ReadableTokens(),
      clock,
    );
  };

  beforeEach(() => {
    clock = new FakeClock();
    limitTo(2);
  });

  const send = ({ authorization, ip = '192.0.2.1', route = '/api/user/orders' }: Sent): boolean => {
    const request = { headers: { authorization }, ip, routeOptions: { url: route } };
    const context = { switchToHttp: () => ({ getRequest: () => request }) };
    return guard.canActivate(context as unknown as ExecutionContext);
  };

  it('counts the requests of one user together, whatever the route and the address', () => {
    const authorization = 'Bearer token-of-gopher';
    expect(send({ authorization, route: '/api/user/orders' })).toBe(true);
    expect(send({ authorization, route: '/api/user/balance', ip: '192.0.2.2' })).toBe(true);
    expect(() => send({ authorization, ip: '192.0.2.3' })).toThrow(TooManyRequests);
    expect(send({ authorization: 'Bearer token-of-cat' })).toBe(true);
  });

  it('counts per address where nobody is signed in, whatever token they make up', () => {
    expect(send({})).toBe(true);
    expect(send({ authorization: 'Bearer bad-1' })).toBe(true);
    expect(() => send({ authorization: 'Bearer bad-2' })).toThrow(TooManyRequests);
    expect(send({ ip: '192.0.2.2' })).toBe(true);
  });

  it('gives the whole number again a second after the first request, however many were refused', () => {
    for (let second = 0; second < 3; second++) {
      expect(send({})).toBe(true);
      clock.ms += 500;
      expect(send({})).toBe(true);
      clock.ms += 499;
      expect(() => send({})).toThrow(TooManyRequests);
      clock.ms += 1;
    }
  });

  it('tells when to come back', () => {
    limitTo(1);
    send({});
    expect(() => send({})).toThrow(expect.objectContaining({ retryAfterSeconds: 1 }));
  });

  it('leaves health and metrics alone', () => {
    for (let i = 0; i < 5; i++) expect(send({ route: '/health/live' })).toBe(true);
  });

  it('limits nothing at 0', () => {
    limitTo(0);
    for (let i = 0; i < 5; i++) expect(send({})).toBe(true);
  });
});
