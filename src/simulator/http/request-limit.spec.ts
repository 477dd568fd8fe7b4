import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { RequestLimit } from './request-limit.js';

describe(RequestLimit.name, () => {
  it('admits so many in a minute and says when the next may come', () => {
    const clock = new FakeClock();
    const limit = new RequestLimit(2, clock);
    expect([limit.take(), limit.take(), limit.take()]).toEqual([undefined, undefined, 60]);
    clock.advance(59_001);
    expect(limit.take()).toBe(1);
    clock.advance(999);
    expect([limit.take(), limit.take(), limit.take()]).toEqual([undefined, undefined, 60]);
  });

  it.each([-40_000, 40_000])('counts the minute as one when the clock is set by %i ms', (ms) => {
    const clock = new FakeClock();
    const limit = new RequestLimit(1, clock);
    expect(limit.take()).toBeUndefined();
    clock.ms += ms;
    clock.advance(59_000);
    expect(limit.take()).toBe(1);
    clock.advance(1_000);
    expect(limit.take()).toBeUndefined();
  });

  it('opens its window with the first request', () => {
    const clock = new FakeClock();
    const limit = new RequestLimit(1, clock);
    clock.advance(45_000);
    expect([limit.take(), limit.take()]).toEqual([undefined, 60]);
  });

  it('admits everything at 0', () => {
    const limit = new RequestLimit(0, new FakeClock());
    expect(
      Array.from({ length: 1000 }, () => limit.take()).every((each) => each === undefined),
    ).toBe(true);
  });
});
