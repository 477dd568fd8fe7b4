import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backOffMs } from './back-off.js';

const PAUSES = { firstMs: 500, longestMs: 300_000 };

describe(backOffMs, () => {
  it('doubles with every failure, up to the longest', () => {
    expect([1, 2, 3, 4, 10, 11, 2_000].map((failures) => backOffMs(failures, PAUSES))).toEqual([
      500, 1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
    ]);
  });

  it('is half of that to all of it with jitter', () => {
    expect(backOffMs(2, PAUSES, 0)).toBe(500);
    expect(backOffMs(2, PAUSES, 0.5)).toBe(750);
    expect(backOffMs(2, PAUSES, 1)).toBe(1_000);
    const anyRandom = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), anyRandom, (failures, random) => {
        const full = backOffMs(failures, PAUSES);
        expect(backOffMs(failures, PAUSES, random)).toBeGreaterThanOrEqual(full / 2);
        expect(backOffMs(failures, PAUSES, random)).toBeLessThanOrEqual(full);
      }),
    );
  });
});
