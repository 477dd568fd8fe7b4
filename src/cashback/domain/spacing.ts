/** The shortest and the longest wait between two questions for one order, in milliseconds. */
export interface Spacing {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Each wait is a fifth of the order's age: the credit is late by a fifth at most, and a week asks
 * 60 times instead of a million.
 */
const SHARE_OF_AGE = 0.2;

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 300_000;

/**
 * How long to wait with the next question for an order that has no final answer yet; `random` (0 to
 * 1) spreads it by ±20 %.
 */
export function spacingMs(ageMs: number, { minMs, maxMs }: Spacing, random: number): number {
  return Math.min(maxMs, Math.max(minMs, ageMs * SHARE_OF_AGE)) * (0.8 + 0.4 * random);
}

/**
 * Exponential back-off after an order's own fault, the first for `tries` 1, halved to full by
 * `random` (0 to 1).
 */
export function backOffMs(tries: number, random: number): number {
  return Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (tries - 1)) * (0.5 + 0.5 * random);
}
