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
