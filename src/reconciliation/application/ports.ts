import type { Difference, DifferenceKind } from '../domain/difference.js';

/** How much the books hold. Sums are decimal text. */
export interface Totals {
  readonly users: string;
  readonly accounts: string;
  readonly entries: string;
  readonly orders: string;
  readonly tasks: string;
  /** All ACCRUAL entries. */
  readonly accrued: string;
  /** All WITHDRAWAL entries. */
  readonly withdrawn: string;
  /** The balances of all accounts together. */
  readonly balances: string;
}

/** The books of all modules as they were at one moment, whatever is written meanwhile. */
export abstract class BooksSnapshot {
  /**
   * Resolves with true for one caller at a time, of all replicas. The claim ends with the snapshot.
   */
  abstract claim(): Promise<boolean>;

  abstract totals(): Promise<Totals>;

  /** Every difference, one by one: there may be millions. */
  abstract differences(): AsyncIterable<Difference>;

  /**
   * Which of the totals are smaller than those that the last run kept: everything of a customer was
   * lost, and what is left agrees.
   */
  abstract shrunk(totals: Totals): Promise<readonly Difference[]>;

  /**
   * Keeps the totals for the next run, and ends the snapshot. Where nothing can be written, on a
   * standby or by a role that may only read, nothing is kept.
   */
  abstract keep(totals: Totals): Promise<void>;
}

/** The books of all modules. They are read only, and nobody who writes has to wait. */
export abstract class Books {
  /**
   * Lends a snapshot to `work`, once: it is not repeated, because it may have printed what it
   * found.
   *
   * @param stopping ends it at once, wherever it is.
   * @throws DatabaseUnavailable; what `work` throws; the signal's reason.
   */
  abstract snapshot<T>(
    stopping: AbortSignal,
    work: (snapshot: BooksSnapshot) => Promise<T>,
  ): Promise<T>;
}

/** The result of one run. */
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
