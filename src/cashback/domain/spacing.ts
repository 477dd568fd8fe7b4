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

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 300_000;

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
  return Math.max(LONGEST_BACK_OFF_MS, spacingMs(Infinity, { minMs: 0, maxMs }, 1));
}

/**
 * How long to wait after a fault of the order's own, in milliseconds: it doubles with each try.
 *
 * @param tries from 1.
 * @param random 0 to 1, makes it half of that to all of it.
 */
export function backOffMs(tries: number, random: number): number {
  return Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (tries - 1)) * (0.5 + 0.5 * random);
}
