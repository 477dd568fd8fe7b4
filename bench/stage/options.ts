/** How much is measured, and how long. */
export interface Options {
  /** Pairs of rounds where the goal is a ratio to the limit. */
  readonly rounds: number;
  /** Of every such round. */
  readonly seconds: number;
  /** Where the service is compared with itself. */
  readonly sideRounds: number;
  readonly sideSeconds: number;
  /** Before the former. */
  readonly warmUpSeconds: number;
  /**
   * Users in the largest books: 20 times as many settled orders, and as many again in the queue.
   */
  readonly largeUsers: number;
  /** Orders of the user who has too many. */
  readonly longList: number;
  /** Where CPU profiles of the services go. */
  readonly profile?: string;
}

export const FULL: Options = {
  rounds: 5,
  seconds: 3,
  sideRounds: 3,
  sideSeconds: 2,
  warmUpSeconds: 2,
  largeUsers: 50_000,
  longList: 100_000,
};

/** To see that everything works: the figures of rounds so short mean little. */
export const QUICK: Options = {
  rounds: 2,
  seconds: 1,
  sideRounds: 1,
  sideSeconds: 1,
  warmUpSeconds: 1,
  largeUsers: 5_000,
  longList: 20_000,
};
