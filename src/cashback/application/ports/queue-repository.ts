import type { TaskSnapshot, Verdict } from '../../domain/task.js';

export interface NewTask {
  readonly orderId: string;
  readonly enqueuedAt: Date;
}

export interface ReAskedShare {
  readonly atLeast: number;
  readonly atMost: number;
}

/** The queue of orders that wait for their points. All its times are the database's. */
export abstract class QueueRepository {
  /** Adds a task for each order that has none, due at once. */
  abstract add(tasks: readonly NewTask[]): Promise<void>;

  /**
   * Leases up to `limit` due tasks to the caller for `leaseMs`, oldest first; tasks that somebody else is claiming are passed over.
   * Numbers that were asked about before get the share `reAsked` of the limit: `atLeast` so many where both kinds are waiting, `atMost` where only they are.
   */
  abstract claim(limit: number, reAsked: ReAskedShare, leaseMs: number): Promise<TaskSnapshot[]>;

  /** Leases one due task by which to find out whether the system works: the newest never asked about, or else the oldest. */
  abstract claimProbe(leaseMs: number): Promise<TaskSnapshot[]>;

  /**
   * Locks the tasks of those verdicts whose claim is the latest until the end of the transaction; returns these verdicts. A list may hold a late one beside
   * the one that is in time.
   */
  abstract lockOwn(verdicts: readonly Verdict[]): Promise<ReadonlySet<Verdict>>;

  /** Stores what became of the tasks: gone, due again, or parked. */
  abstract store(verdicts: readonly Verdict[]): Promise<void>;
}
