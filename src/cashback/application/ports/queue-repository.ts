import type { OnceCommitted, Transaction } from '../../../shared/application/transaction.js';
import type { Standing, TaskSnapshot, Verdict } from '../../domain/task.js';

export interface NewTask {
  readonly orderId: string;
  readonly enqueuedAt: Date;
}

/** How the questions of one claim are shared out. */
export interface Shares {
  /**
   * While several kinds wait, of so many questions (the sum of the weights) each gets its weight on
   * average; what one leaves, the others get.
   */
  readonly weights: Readonly<Record<Standing, number>>;
  /**
   * Where in its turn each kind stands, from 0: claims of one question each would go to one kind
   * for ever otherwise.
   */
  readonly offsets: Readonly<Record<Standing, number>>;
  /** No more than so many doubtful ones, though nobody else wants the questions. */
  readonly doubtful: number;
}

/** The queue of orders that wait for their points. All its times are the database's. */
export abstract class QueueRepository {
  /**
   * Adds a task, due at once, for each of the orders that is there, is new and has none. How many
   * these are, the commit makes known.
   */
  abstract add(transaction: Transaction, tasks: readonly NewTask[]): Promise<OnceCommitted<number>>;

  /**
   * Leases up to `limit` due tasks to the caller for `leaseMs`, the oldest of each standing first;
   * tasks that somebody else is claiming are passed over.
   */
  abstract claim(
    limit: number,
    shares: Shares,
    leaseMs: number,
    transaction?: Transaction,
  ): Promise<TaskSnapshot[]>;

  /**
   * Leases one due task by which to find out whether the system works: the newest fresh one, or
   * else the oldest of the others, doubtful ones last.
   */
  abstract claimProbe(leaseMs: number, transaction?: Transaction): Promise<TaskSnapshot[]>;

  /**
   * Locks the tasks of those verdicts whose claim is the latest until the end of the transaction;
   * returns these verdicts. A list may hold a late one beside the one that is in time.
   */
  abstract lockOwn(
    transaction: Transaction,
    verdicts: readonly Verdict[],
  ): Promise<ReadonlySet<Verdict>>;

  /** Stores what became of the tasks: gone, due again, or parked. */
  abstract store(transaction: Transaction, verdicts: readonly Verdict[]): Promise<void>;
}
