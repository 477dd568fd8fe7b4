import type { Transaction } from './transactions.js';

/** As many as the service's pool has; more of them are slower on few cores. */
export const LIMIT_CONNECTIONS = 10;

/** All that a client of the database is told. */
export interface LimitOrder {
  readonly uri: string;
  readonly transaction: Transaction;
  /** `:user` is drawn from 1 to this. */
  readonly users: number;
  /** The first of the numbers that it may use. */
  readonly firstNumber: bigint;
  readonly seconds: number;
  /** For its scripts and logs. */
  readonly folder: string;
}

/** The first digit of these numbers is a 9. */
export class NumberRanges {
  #last = 0n;

  next(): bigint {
    return 900_000_000_000_000n + ++this.#last * 1_000_000_000n;
  }
}

/** So many numbers of a range are each connection's. */
export const NUMBERS_PER_CONNECTION = 10_000_000;
