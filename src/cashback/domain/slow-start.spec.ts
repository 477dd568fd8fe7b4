import { beforeEach, describe, expect, it } from '@jest/globals';
import { SlowStart } from './slow-start.js';

describe(SlowStart.name, () => {
  let start: SlowStart;

  beforeEach(() => {
    start = new SlowStart(64);
    start.asked(0);
  });

  it('begins with eight, or the limit where that is less', () => {
    expect(start.window(0)).toBe(8);
    expect(new SlowStart(3).window(0)).toBe(3);
  });

  it('allows one more for each answer, up to the limit', () => {
    for (let i = 0; i < 8; i++) start.answered();
    expect(start.window(0)).toBe(16);
    for (let i = 0; i < 100; i++) start.answered();
    expect(start.window(0)).toBe(64);
  });

  it('doubles in a quarter of a second without answers', () => {
    expect([249, 250, 500, 750, 1_000].map((now) => start.window(now))).toEqual([
      8, 16, 32, 64, 64,
    ]);
  });

  it('begins anew after a 429, though many were answered before', () => {
    for (let i = 0; i < 100; i++) start.answered();
    start.restart(5_000);
    expect(start.window(5_000)).toBe(8);
    start.answered();
    expect(start.window(5_000)).toBe(9);
  });

  it('begins anew after half a minute without a question', () => {
    for (let i = 0; i < 100; i++) start.answered();
    start.asked(10_000);
    expect(start.window(40_000)).toBe(64);
    expect(start.window(40_001)).toBe(8);
    start.asked(40_001);
    expect(start.window(40_001)).toBe(8);
    expect(start.window(40_251)).toBe(16);
  });
});
