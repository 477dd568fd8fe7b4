import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import type { AuthSettings } from '../auth.settings.js';
import { RateLimit } from './rate-limit.js';

describe(RateLimit.name, () => {
  let clock: FakeClock;

  const limitTo = (rateLimitPerSecond: number): RateLimit =>
    new RateLimit({ rateLimitPerSecond } as unknown as AuthSettings, clock);

  beforeEach(() => {
    clock = new FakeClock();
  });

  it('counts each client by itself', () => {
    const limit = limitTo(1);
    expect(limit.admits('gopher')).toBe(true);
    expect(limit.admits('gopher')).toBe(false);
    expect(limit.admits('192.0.2.1')).toBe(true);
  });

  it('gives the whole number again a second after the first request, whatever was refused', () => {
    const limit = limitTo(2);
    for (let second = 0; second < 3; second++) {
      expect(limit.admits('gopher')).toBe(true);
      clock.advance(500);
      expect(limit.admits('gopher')).toBe(true);
      clock.advance(499);
      expect(limit.admits('gopher')).toBe(false);
      clock.advance(1);
    }
  });

  it.each([-40_000, 40_000])('counts a second as a second when the clock is set by %i ms', (ms) => {
    const limit = limitTo(1);
    limit.admits('gopher');
    clock.ms += ms;
    clock.advance(999);
    expect(limit.admits('gopher')).toBe(false);
    clock.advance(1);
    expect(limit.admits('gopher')).toBe(true);
  });

  it('counts the routes of the API, and none at 0', () => {
    expect(limitTo(1).countsRoute('/api/user/orders')).toBe(true);
    expect(limitTo(1).countsRoute('/health/live')).toBe(false);
    expect(limitTo(0).countsRoute('/api/user/orders')).toBe(false);
  });
});
