import type { Shares } from '../../../src/cashback/application/ports.js';

/** A claim that prefers nobody. */
export const EVEN_SHARES: Shares = {
  weights: { FRESH: 1, ASKED: 1, DOUBTFUL: 1 },
  offsets: { FRESH: 0, ASKED: 0, DOUBTFUL: 0 },
  doubtful: 1_000,
};
