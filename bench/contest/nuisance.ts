import { setTimeout as pause } from 'node:timers/promises';
import { prepareSockets, type SocketsOrder, together } from '../load/sockets.js';
import type { Round } from '../measure/round.js';
import type { Stage } from '../stage/stage.js';
import { type Contender, reportFailures } from './contenders.js';

/**
 * So long the nuisance is there before a round, and again after it, in seconds: no part of the
 * round is without it.
 */
const MARGIN_S = 1;

/** A load that comes at a pace of its own, whatever becomes of it. */
export interface Nuisance {
  readonly what: string;
  readonly order: Omit<SocketsOrder, 'prefix' | 'seconds'>;
  /** How the service may answer it besides with success. */
  readonly refusal?: string;
}

/** Everybody else's round, and what was seen of the nuisance. */
export interface DisturbedRound extends Round {
  /** Requests of the nuisance in a second, however they were answered. */
  readonly sent: number;
  /** Of them, those that succeeded, until the last reply came. */
  readonly succeeded: number;
  readonly nuisanceP50Ms: number;
}

export function beside(
  stage: Stage,
  others: Contender,
  { what, order, refusal }: Nuisance,
): Contender<DisturbedRound> {
  return async (roundSeconds) => {
    const seconds = roundSeconds + 2 * MARGIN_S;
    const generator = await prepareSockets(
      { ...order, prefix: stage.prefixes.next(), seconds },
      stage.stopping,
    );
    try {
      const running = generator.run();
      await pause(MARGIN_S * 1_000, undefined, { signal: stage.stopping });
      const round = await others(roundSeconds);
      const seen = together([await running]);
      const unexpected = Object.entries(seen.failures).filter(([kind]) => kind !== refusal);
      reportFailures(stage, what, Object.fromEntries(unexpected));
      const sent = Object.values(seen.failures).reduce((sum, count) => sum + count, seen.requests);
      return {
        ...round,
        sent: sent / seconds,
        succeeded: seen.requests / seen.seconds,
        nuisanceP50Ms: seen.latencies.percentile(50),
      };
    } finally {
      await generator.end();
    }
  };
}
