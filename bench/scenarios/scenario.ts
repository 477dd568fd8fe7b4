import type { Bench } from '../bench.js';
import type { Figure } from '../report/figures.js';
import type { Round } from '../rounds.js';
import { GROWTH } from './growth.js';
import { LONG_JOURNAL } from './long-journal.js';
import { NEIGHBOURS } from './neighbours.js';
import { PORTAL } from './portal.js';
import { BALANCE, ORDERS, OTHER_CALLS, PAGES } from './reads.js';
import { READ_MODEL } from './read-model.js';
import { RELAY } from './relay.js';
import { REPLICAS } from './replicas.js';
import { CASHBACK, CASHBACK_UNDER_LOAD, VISIBLE } from './worker.js';
import { UPLOADS, WITHDRAWALS } from './writes.js';

/** A line of the table: the rounds of one who was measured. */
export interface Row {
  readonly what: string;
  readonly rounds: readonly Round[];
  /** Its requests per second by another's of the same turn. */
  readonly ratios?: readonly number[];
  /** One customer is watched: throughput and CPU mean nothing. */
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
  run(bench: Bench): Promise<Findings>;
}

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  BALANCE,
  ORDERS,
  PAGES,
  UPLOADS,
  WITHDRAWALS,
  OTHER_CALLS,
  CASHBACK,
  CASHBACK_UNDER_LOAD,
  VISIBLE,
  NEIGHBOURS,
  REPLICAS,
  PORTAL,
  GROWTH,
  RELAY,
  READ_MODEL,
  LONG_JOURNAL,
];
