import type { Shares } from '../../../src/cashback/application/ports.js';

/** A claim that prefers nobody. */
export const EVEN_SHARES: Shares = {
  weights: { FRESH: 1, RETRIED: 1, SUSPECT: 1 },
  offsets: { FRESH: 0, RETRIED: 0, SUSPECT: 0 },
  suspects: 1_000,
};
