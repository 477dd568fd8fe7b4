import { CHAOS } from './chaos/chaos.js';
import { HOSTILE } from './hostile/hostile-part.js';
import { MODEL } from './model/model-part.js';
import { MUTANTS } from './mutants/mutants.js';
import type { Part } from './part.js';
import { RECONCILE } from './reconcile/reconcile.js';

/** In the order they run in. */
export const PARTS: readonly Part[] = [CHAOS, RECONCILE, MODEL, HOSTILE, MUTANTS];
