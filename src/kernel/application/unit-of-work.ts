/**
 * The transaction that is open: handed to everybody who takes part in it, over {@link
 * UnitOfWork.run}.
 *
 * What it is to the database only the adapters know.
 */
export abstract class Transaction {
  /**
   * Has the COMMIT wait for `check`, which begins when the work is done, while its last statements
   * are on their way; what it throws rolls back.
   */
  abstract beforeCommit(check: () => Promise<void>): void;

  /**
   * Calls `task` once the transaction has committed, for wake-ups; it is dropped by a rollback.
   * Never awaited, must not throw.
   */
  abstract afterCommit(task: () => void): void;
}

/**
 * What the database will have answered once the transaction has committed. Throws before: nobody
 * waits for it sooner.
 */
export type OnceCommitted<T> = () => T;

/** One database transaction around a use case. */
export abstract class UnitOfWork {
  /**
   * Opens a transaction, runs `work`, commits, and only then resolves. Part of the transaction is
   * what `work` hands it to, and nothing else.
   *
   * `work` may run up to three times: a serialization failure, a deadlock, {@link StaleState}, or a
   * connection lost at any moment, the answer to COMMIT included, starts it again in a new
   * transaction. So it must be safe to repeat: load fresh state, and take ids that were generated
   * outside, so that what an earlier try did commit is recognised as our own.
   *
   * Inside, statements run one after another, in the order in which they were asked for; those
   * asked for together travel together. Nothing waits for anybody but the database: no HTTP, no
   * group commit, no other `run`, which would wait for a second connection with the first one in
   * hand.
   *
   * @throws whatever `work` throws, after the rollback; DatabaseUnavailable, DataRejected, or the
   * database's own error.
   */
  abstract run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
}
