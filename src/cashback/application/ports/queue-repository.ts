import type { TaskSnapshot, Verdict } from '../../domain/task.js';

export interface NewTask {
  readonly orderId: string;
  readonly enqueuedAt: Date;
}

/** The queue of orders that wait for their points. All its times are the database's. */
export abstract class QueueRepository {
  /** Adds a task for each order that has none, due at once. */
  abstract add(tasks: readonly NewTask[]): Promise<void>;

  /**
   * Leases up to `limit` due tasks to the caller for `leaseMs`, oldest first; tasks that somebody else is claiming are passed over.
   * Of the limit, `reAsked` go to numbers that were asked about before where both kinds are waiting.
   */
  abstract claim(limit: number, reAsked: number, leaseMs: number): Promise<TaskSnapshot[]>;

  /**
   * Locks the tasks of those verdicts whose claim is the latest until the end of the transaction; returns these verdicts. A list may hold a late one beside
   * the one that is in time.
   */
  abstract lockOwn(verdicts: readonly Verdict[]): Promise<ReadonlySet<Verdict>>;

  /** Stores what became of the tasks: gone, due again, or parked. */
  abstract store(verdicts: readonly Verdict[]): Promise<void>;
}
