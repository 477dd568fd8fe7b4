import type { Reconciliation } from '../reconcile-books.js';

/** What an operator sees of the scheduled runs. */
export abstract class ReconciliationMetrics {
  abstract reconciled(reconciliation: Reconciliation): void;
}
