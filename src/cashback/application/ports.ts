import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { AccrualGate } from '../domain/accrual-gate.js';
import type { AccrualReply, Standing, TaskSnapshot, Verdict } from '../domain/task.js';

/** The external accrual system. */
export abstract class AccrualGateway {
  /**
   * Asks for one order. Whatever goes wrong there is a reply of kind `fault`; it takes no longer
   * than the configured time-out. Not for use inside a transaction: no lock may wait for another
   * system.
   *
   * @throws QuestionAborted when `abortAll` was called meanwhile.
   */
  abstract ask(number: OrderNumber): Promise<AccrualReply>;

  /** Gives up every question on its way. */
  abstract abortAll(): void;
}

/** The question was given up because the service stops: the accrual system is not to blame. */
export class QuestionAborted extends Error {
  override readonly name = 'QuestionAborted';
}

/** Settled, or come too late: the task was no longer the claimant's. */
export type SettleResult = 'settled' | 'too-late';

/** What an operator sees of the worker. */
export abstract class CashbackMetrics {
  abstract replied(kind: AccrualReply['kind'], seconds: number): void;
  abstract settled(result: SettleResult): void;
  abstract parked(): void;
}

/** The one gate of all replicas, with the database's clock. */
export abstract class GateRepository {
  abstract read(): Promise<AccrualGate>;

  /** Locks the gate until the end of the transaction. */
  abstract lock(transaction: Transaction): Promise<AccrualGate>;

  /** Has the gate stored with the commit. */
  abstract save(transaction: Transaction, gate: AccrualGate): void;
}

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
   * Has a task, due at once, stored with the commit for each of the orders that is there, is new
   * and has none; the value is how many these were.
   */
  abstract add(transaction: Transaction, tasks: readonly NewTask[]): Deferred<number>;

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

  /** Has stored with the commit what became of the tasks: gone, due again, or parked. */
  abstract store(transaction: Transaction, verdicts: readonly Verdict[]): void;
}

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

/** The tasks that wait for an operator. */
export abstract class ParkedTasks {
  /** Puts those of these orders' tasks back that are parked; returns the order numbers. */
  abstract putBack(transaction: Transaction, numbers: readonly string[]): Promise<string[]>;

  /**
   * Puts back up to `limit` parked tasks, those after the order `after` in the order of their ids;
   * `reason` is contained in theirs, in capital letters or small ones.
   */
  abstract putBackNext(selection: ParkedSelection): Promise<PutBack>;
}

export interface ParkedSelection {
  readonly after?: string | undefined;
  readonly reason?: string | undefined;
  readonly limit: number;
}

export interface PutBack {
  readonly count: number;
  /** The order that the next selection begins after; absent where there is nothing more. */
  readonly last?: string | undefined;
}
