import type { BackOff } from '../../kernel/domain/time/back-off.js';

/** The shortest and the longest wait between two requests for one order, in milliseconds. */
export interface Spacing {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Each wait is a fifth of the order's age. So points come late by a fifth of the time they took, at
 * most, and an order that is a week old costs 60 requests instead of a million.
 */
const SHARE_OF_AGE = 0.2;

/** After faults of an order's own. */
export const BACK_OFF: BackOff = { firstMs: 500, longestMs: 300_000 };

/**
 * How long to wait with the next request for an order that has no final answer yet, in
 * milliseconds.
 *
 * @param random 0 to 1, spreads the wait by ±20 %.
 */
export function spacingMs(ageMs: number, { minMs, maxMs }: Spacing, random: number): number {
  return Math.min(maxMs, Math.max(minMs, ageMs * SHARE_OF_AGE)) * (0.8 + 0.4 * random);
}

/** What no wait of a task is longer than, in milliseconds. */
export function longestWaitMs({ spacing: { maxMs } }: { readonly spacing: Spacing }): number {
  return Math.max(BACK_OFF.longestMs, spacingMs(Infinity, { minMs: 0, maxMs }, 1));
}
