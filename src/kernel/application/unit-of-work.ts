/**
 * The transaction that is open. {@link UnitOfWork.run} hands it to its work, which hands it on to
 * everybody who takes part. What it is to the database only the adapters know.
 */
export abstract class Transaction {
  /**
   * Has the COMMIT wait for `check`, which begins when the work is done, while the last statements
   * are on their way. What it throws rolls the transaction back.
   */
  abstract beforeCommit(check: () => Promise<void>): void;

  /**
   * Calls `task` with the value once the transaction has committed: for wake-ups. A rollback drops
   * it. It is not awaited and must not throw.
   */
  abstract afterCommit<T>(value: Deferred<T>, task: (value: T) => void): void;
}

/**
 * What a statement answers that travels with the COMMIT. Nobody can read it inside the transaction;
 * {@link UnitOfWork.run} resolves with the value once the transaction has committed.
 */
export interface Deferred<T> {
  /** What `convert` makes of the value, after the commit. */
  thenApply<U>(convert: (value: T) => U): Deferred<U>;
}

/** One database transaction around a use case. */
export abstract class UnitOfWork {
  /**
   * Opens a transaction, runs `work`, commits, and only then resolves: with what `work` returned,
   * or with the value of the {@link Deferred} that it returned. Only those whom `work` hands the
   * transaction take part in it.
   *
   * `work` may run up to three times. A serialization failure, a deadlock, {@link StaleState} or a
   * lost connection starts it again in a new transaction, also where the answer to COMMIT was lost.
   * So it must be safe to repeat: it loads fresh state, and takes ids that were made outside, by
   * which it recognises what an earlier try has committed.
   *
   * Statements run one after another, in the order in which they were sent; see {@link inOrder}.
   * Inside, nothing waits for anybody but the database: no HTTP, no group commit, no other `run`,
   * which would wait for a second connection while it holds the first. Only who has
   * left may be asked: see {@link Presence}.
   *
   * @throws whatever `work` throws, after the rollback; DatabaseUnavailable, DataRejected, or the
   * database's own error.
   */
  abstract run<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T>;
}

/**
 * Waits for several answers of one transaction. Their statements travel together, in one round
 * trip, and run one after another in the order in which they are written here: a lock first, then
 * what must be read under it.
 */
export function inOrder<T extends readonly unknown[]>(
  ...answers: T
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  return Promise.all(answers);
}
