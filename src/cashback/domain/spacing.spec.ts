import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backOffMs, spacingMs } from './spacing.js';

const SPACING = { minMs: 250, maxMs: 600_000 };
const RANDOM = fc.double({ min: 0, max: 1, noNaN: true });
const DAY_MS = 86_400_000;

describe(spacingMs, () => {
  it('stays within 20 % of its bounds, whatever the age', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAY_MS, max: 400 * DAY_MS }), RANDOM, (ageMs, random) => {
        const wait = spacingMs(ageMs, SPACING, random);
        expect(wait).toBeGreaterThan(SPACING.minMs * 0.799);
        expect(wait).toBeLessThan(SPACING.maxMs * 1.201);
      }),
    );
  });

  it('is the shortest wait for a new order, and ever longer for an old one', () => {
    expect(spacingMs(0, SPACING, 0.5)).toBe(250);
    expect(spacingMs(60_000, SPACING, 0.5)).toBe(12_000);
    expect(spacingMs(7 * DAY_MS, SPACING, 0.5)).toBe(600_000);
  });

  it('spreads the requests', () => {
    expect(spacingMs(60_000, SPACING, 0)).toBeCloseTo(9_600);
    expect(spacingMs(60_000, SPACING, 1)).toBeCloseTo(14_400);
  });
});

describe(backOffMs, () => {
  it('doubles with every try, up to five minutes', () => {
    expect([1, 2, 3, 4, 10, 11, 1_000].map((tries) => backOffMs(tries, 1))).toEqual([
      500, 1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
    ]);
  });

  it('is never shorter than half of that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), RANDOM, (tries, random) => {
        const full = backOffMs(tries, 1);
        expect(backOffMs(tries, random)).toBeGreaterThanOrEqual(full / 2);
        expect(backOffMs(tries, random)).toBeLessThanOrEqual(full);
      }),
    );
  });
});
