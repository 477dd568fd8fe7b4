/** Not before, so that a start is not slowed down: in milliseconds. */
const SETTLED_MS = 10_000;

/** Replicas that start together begin within so long of each other, in milliseconds. */
const SPREAD_MS = 110_000;

/** Part of the interval by which a run may come early or late: replicas drift apart. */
const JITTER = 0.1;

/**
 * When the first run begins after a start: after 10 s to 2 minutes, sooner where the interval is
 * shorter. `random` is 0 to 1.
 */
export function firstRunInMs(intervalMs: number, random: number): number {
  return Math.min(SETTLED_MS, intervalMs) + Math.min(SPREAD_MS, intervalMs) * random;
}

/** When the next run begins after the end of one. `random` is 0 to 1. */
export function nextRunInMs(intervalMs: number, random: number): number {
  return intervalMs * (1 - JITTER + 2 * JITTER * random);
}
