import type { Transaction } from '../../../shared/application/transaction.js';

/** The tasks that wait for an operator. */
export abstract class ParkedTasks {
  /** Puts those of these orders' tasks back that are parked; returns the order numbers. */
  abstract putBack(transaction: Transaction, numbers: readonly string[]): Promise<string[]>;

  /**
   * Puts back up to `limit` parked tasks, those after the order `after` in the order of their ids;
   * `reason` is contained in theirs, in capital letters or small ones.
   */
  abstract putBackNext(selection: ParkedSelection): Promise<PutBack>;
}

export interface ParkedSelection {
  readonly after?: string | undefined;
  readonly reason?: string | undefined;
  readonly limit: number;
}

export interface PutBack {
  readonly count: number;
  /** The order that the next selection begins after; absent where there is nothing more. */
  readonly last?: string | undefined;
}
