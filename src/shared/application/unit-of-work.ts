/**
 * One database transaction around a use case.
 *
 * Inside `run` every repository works in the same transaction, whoever called it; a `run` inside a `run` joins it.
 */
export abstract class UnitOfWork {
  /**
   * Opens a transaction (or joins the one that is open), runs `work`, commits, and only then resolves.
   *
   * `work` may run up to three times: a serialization failure, a deadlock, {@link StaleState}, or a connection lost at any
   * moment, the answer to COMMIT included, starts it again in a new transaction. So it must be safe to repeat: load
   * fresh state, and take ids that were generated outside, so that what an earlier try did commit is recognised as our own.
   *
   * @throws whatever `work` throws, after the rollback; DatabaseUnavailable, DataRejected, or the database's own error.
   */
  abstract run<T>(work: () => Promise<T>): Promise<T>;

  /**
   * Calls `task` once the open transaction has committed, for wake-ups; it is dropped by a rollback. Never awaited, must not throw.
   *
   * @throws Error outside `run`.
   */
  abstract afterCommit(task: () => void): void;

  /** Whether the caller is inside {@link run}: what would wait for someone else must not be (HTTP, group commits). */
  abstract get isOpen(): boolean;
}
