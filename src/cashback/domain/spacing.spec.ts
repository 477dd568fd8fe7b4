import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { spacingMs } from './spacing.js';

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
