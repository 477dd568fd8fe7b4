import type { Transaction } from '../../../shared/application/transaction.js';

export const TASK_STATUSES = ['PENDING', 'PROCESSING', 'FAILED'] as const;

export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A task as an operator sees it; times in milliseconds. */
export interface ListedTask {
  readonly number: string;
  readonly status: TaskStatus;
  readonly tries: number;
  /** How long it has been in the queue. */
  readonly ageMs: number;
  /** How long it has been in this status. */
  readonly unchangedMs: number;
  /**
   * PENDING: until it is due. PROCESSING: until its lease ends. Negative when that is past; FAILED:
   * nothing.
   */
  readonly dueInMs: number;
  readonly reason?: string | undefined;
}

export interface TaskList {
  /** Oldest first. */
  readonly tasks: readonly ListedTask[];
  /** All that there are, listed or not. */
  readonly total: number;
}

/** What is known of an order number. */
export type Whereabouts =
  | { readonly kind: 'task'; readonly task: ListedTask }
  /** The order has no task: it has had its final answer. */
  | { readonly kind: 'no task'; readonly orderStatus: string };

export interface StatusStatistics {
  readonly tasks: number;
  /** Of these: PENDING and due, PROCESSING with a lease that ran out. */
  readonly due: number;
  /** Absent where there are none. */
  readonly oldestMs?: number | undefined;
}

export type QueueStatistics = Readonly<Record<TaskStatus, StatusStatistics>>;

/** The queue as an operator sees it: read models, built where the data is. */
export abstract class QueueOverview {
  abstract list(status: TaskStatus | 'all', limit: number): Promise<TaskList>;

  /** Numbers that nobody has uploaded are not in it. */
  abstract find(
    transaction: Transaction,
    numbers: readonly string[],
  ): Promise<ReadonlyMap<string, Whereabouts>>;

  abstract statistics(): Promise<QueueStatistics>;
}
