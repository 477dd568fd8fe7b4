import { CASHBACK, CASHBACK_UNDER_LOAD } from './cashback.js';
import { GROWTH } from './growth.js';
import { NEIGHBOURS } from './neighbours.js';
import { OTHER_CALLS } from './other-calls.js';
import { BALANCE, ORDERS } from './reads.js';
import { REPLICAS } from './replicas.js';
import type { Scenario } from './scenario.js';
import { UPLOADS } from './uploads.js';
import { VISIBLE } from './visible.js';
import { WITHDRAWALS } from './withdrawals.js';

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  BALANCE,
  ORDERS,
  UPLOADS,
  WITHDRAWALS,
  OTHER_CALLS,
  CASHBACK,
  CASHBACK_UNDER_LOAD,
  VISIBLE,
  NEIGHBOURS,
  REPLICAS,
  GROWTH,
];
