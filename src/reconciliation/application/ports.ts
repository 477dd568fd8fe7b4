import type { Difference, DifferenceKind } from '../domain/difference.js';

/** What the books hold; sums are decimal text. */
export interface Totals {
  readonly accounts: string;
  readonly entries: string;
  readonly orders: string;
  readonly tasks: string;
  /** All ACCRUAL entries. */
  readonly accrued: string;
  /** All WITHDRAWAL entries. */
  readonly withdrawn: string;
  /** What the accounts say is left. */
  readonly balances: string;
}

/** The books of all modules as they were in one moment, whatever is written meanwhile. */
export abstract class BooksSnapshot {
  /**
   * Whether the caller is the only one to have asked this, in all replicas, for as long as the
   * snapshot is open.
   */
  abstract claim(): Promise<boolean>;

  abstract totals(): Promise<Totals>;

  /** Every difference, one by one: there may be millions. */
  abstract differences(): AsyncIterable<Difference>;
}

/**
 * The books of all modules, for an auditor: they are only read, and nobody who writes has to wait.
 */
export abstract class Books {
  /**
   * Lends a snapshot to `work`. Never repeated: what was found may have been said already.
   *
   * @param stopping ends it at once, wherever it is.
   * @throws DatabaseUnavailable; whatever `work` throws; the signal's reason.
   */
  abstract snapshot<T>(
    stopping: AbortSignal,
    work: (snapshot: BooksSnapshot) => Promise<T>,
  ): Promise<T>;
}

/** What became of one run. */
export interface Reconciliation {
  readonly totals: Totals;
  /** How many differences of each kind there are; kinds without one are left out. */
  readonly differences: ReadonlyMap<DifferenceKind, number>;
  readonly finishedAt: Date;
  readonly seconds: number;
}

/** What an operator sees of the scheduled runs. */
export abstract class ReconciliationMetrics {
  abstract reconciled(reconciliation: Reconciliation): void;
}
