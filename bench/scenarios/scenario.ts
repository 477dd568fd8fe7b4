import type { Round } from '../measure/round.js';
import { ratios } from '../measure/statistics.js';
import { atMost, type Figure, figure } from '../report/figure.js';
import type { Stage } from '../stage/stage.js';

/** A line of the table: the rounds of one contender. */
export interface Row {
  readonly what: string;
  readonly rounds: readonly Round[];
  /** Its requests per second by another's of the same turn. */
  readonly ratios?: readonly number[];
  /** Where one customer is watched, neither throughput nor CPU mean anything. */
  readonly latencyOnly?: true;
}

export interface Findings {
  readonly rows: readonly Row[];
  readonly figures: readonly Figure[];
}

/** Something that is measured by itself. */
export interface Scenario {
  readonly name: string;
  readonly meaning: string;
  run(stage: Stage): Promise<Findings>;
}

export function perSecond(rounds: readonly Round[]): number[] {
  return rounds.map((round) => round.perSecond);
}

/** Turn by turn. */
export function rate(rounds: readonly Round[], others: readonly Round[]): number[] {
  return ratios(perSecond(rounds), perSecond(others));
}

/** Whoever is slowest waits no longer than this many times what half of all wait. */
const TAIL = 6;

export function tail(call: string, rounds: readonly Round[]): Figure {
  return figure(
    `${call}: p99 / p50`,
    rounds.map(({ p99Ms, p50Ms }) => p99Ms / p50Ms),
    atMost(TAIL),
  );
}
