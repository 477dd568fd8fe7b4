import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Trace } from '../../kernel/domain/trace.js';
import type { AccrualGate } from '../domain/accrual-gate.js';
import type { AccrualReply, Resolution, TaskPriority, TaskSnapshot } from '../domain/task.js';

/** The external accrual system. */
export abstract class AccrualGateway {
  /**
   * Requests the accrual of one order. Whatever goes wrong is a reply of kind `fault`. Takes no
   * longer than the configured time-out. Not for use inside a transaction: no lock may wait for
   * another system.
   *
   * @param trace goes on to that system.
   * @throws RequestAborted when {@link abortAll} was called meanwhile.
   */
  abstract request(number: OrderNumber, trace?: Trace): Promise<AccrualReply>;

  /** Aborts all requests in flight. */
  abstract abortAll(): void;
}

/** The request was aborted because the service stops. That is no fault of the accrual system. */
export class RequestAborted extends Error {
  override readonly name = 'RequestAborted';
}

/** What the commit of one resolution changed. */
export type ResolutionResult =
  /** The order became PROCESSED, and its points were credited; zero where none were awarded. */
  | { readonly kind: 'processed'; readonly points: Money }
  /** The order became INVALID. */
  | { readonly kind: 'refused' }
  /** The task was parked. */
  | { readonly kind: 'parked' }
  /** The task is due again; or it is gone, and the order had its final status before. */
  | { readonly kind: 'unfinished' }
  /** Nothing: another claim has the task, or it is gone. */
  | { readonly kind: 'late' };

/** What is counted for operators. */
export abstract class CashbackMetrics {
  /** A request was answered, by a fault perhaps, after so many seconds. */
  abstract replied(kind: AccrualReply['kind'], seconds: number): void;

  /** A resolution was committed. */
  abstract resolved(result: ResolutionResult): void;
}

/** The one gate of all replicas, on the database's clock. */
export abstract class GateRepository {
  abstract read(): Promise<AccrualGate>;

  /** Locks the gate until the end of the transaction. */
  abstract lock(transaction: Transaction): Promise<AccrualGate>;

  /** Has the gate stored with the commit. */
  abstract save(transaction: Transaction, gate: AccrualGate): void;
}

/** How one claim is shared out among the priorities. */
export interface Shares {
  /**
   * While tasks of several priorities are due: weights of 7, 2 and 1 mean 7, 2 and 1 of every ten
   * tasks, on average. What one priority leaves, the others get.
   */
  readonly weights: Readonly<Record<TaskPriority, number>>;
  /**
   * Where each priority stands in that cycle, from 0. It is kept between claims: otherwise claims
   * of a single task would always go to the same priority.
   */
  readonly offsets: Readonly<Record<TaskPriority, number>>;
  /** No more suspects than this, even if there are no other tasks. */
  readonly suspects: number;
}

/** The queue of orders that wait for their points. All its times are the database's. */
export abstract class QueueRepository {
  /**
   * Adds a task with the commit, due at once, for each of the orders that is stored, is new and has
   * none. The value is how many these are.
   */
  abstract add(transaction: Transaction, orderIds: readonly string[]): Deferred<number>;

  /**
   * Leases up to `limit` due tasks to the caller for `leaseMs` milliseconds, the oldest of each
   * priority first. Tasks that another claim holds are passed over.
   */
  abstract claim(
    limit: number,
    shares: Shares,
    leaseMs: number,
    transaction?: Transaction,
  ): Promise<TaskSnapshot[]>;

  /**
   * Leases one due task, to find out whether the accrual system works: the newest of the new
   * orders, or else the oldest retried one, or else the oldest suspect.
   */
  abstract claimProbe(leaseMs: number, transaction?: Transaction): Promise<TaskSnapshot[]>;

  /**
   * Has the waits of tasks begin anew that were stored later than it is now: the database's clock
   * was set back since. A wait that is longer than any can be, because an older version stored it
   * or somebody by hand, is over. Resolves with how many tasks these were; more may be left.
   *
   * @param leaseMs how long a lease is.
   * @param longestWaitMs how long the others wait at most.
   */
  abstract reschedule(leaseMs: number, longestWaitMs: number): Promise<number>;

  /**
   * Locks the tasks of these resolutions until the end of the transaction, where the resolution is
   * of the task's latest claim; returns those resolutions. The batch may hold a late one beside the
   * one in time.
   */
  abstract lockOwn(
    transaction: Transaction,
    resolutions: readonly Resolution[],
  ): Promise<ReadonlySet<Resolution>>;

  /** Stores with the commit what became of the tasks: gone, due again, or parked. */
  abstract store(transaction: Transaction, resolutions: readonly Resolution[]): void;
}

export const TASK_STATUSES = ['PENDING', 'PROCESSING', 'FAILED'] as const;

export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A task as an operator sees it; times in milliseconds. */
export interface ListedTask {
  readonly number: string;
  readonly status: TaskStatus;
  readonly tries: number;
  /** How often it was claimed: a request each, unless a pause or a stop came in between. */
  readonly requests: number;
  /** How long it has been in the queue. */
  readonly ageMs: number;
  /** How long it has been in this status. */
  readonly unchangedMs: number;
  /**
   * PENDING: until it is due. PROCESSING: until its lease ends. Negative when that is past. FAILED:
   * without meaning.
   */
  readonly dueInMs: number;
  /** Why it is not done yet, as of its last reply; absent where there was none. */
  readonly reason?: string | undefined;
}

export interface TaskList {
  /** Oldest first. */
  readonly tasks: readonly ListedTask[];
  /** All that there are, listed or not. */
  readonly total: number;
}

/** What is known of an uploaded order number. */
export type TaskLookup =
  | { readonly kind: 'task'; readonly task: ListedTask }
  /** The order has no task: its status is final. */
  | { readonly kind: 'no task'; readonly orderStatus: string };

export interface StatusStatistics {
  readonly tasks: number;
  /** Of these: PENDING and due, or PROCESSING with a lease that has ended. */
  readonly due: number;
  /** Age of the oldest, in milliseconds; absent where there are none. */
  readonly oldestMs?: number | undefined;
  /** For how long the one has been due that has waited longest; absent where none is. */
  readonly overdueMs?: number | undefined;
}

export type QueueStatistics = Readonly<Record<TaskStatus, StatusStatistics>>;

/** What operators see of the queue. */
export abstract class QueueOverview {
  abstract list(status: TaskStatus | 'all', limit: number): Promise<TaskList>;

  /** What is known of these numbers; those that were never uploaded are not in it. */
  abstract find(
    transaction: Transaction,
    numbers: readonly string[],
  ): Promise<ReadonlyMap<string, TaskLookup>>;

  abstract statistics(): Promise<QueueStatistics>;
}

/** The tasks that are FAILED: parked, they wait for an operator. */
export abstract class ParkedTasks {
  /** Puts the parked ones of these orders' tasks back; returns their orders. */
  abstract putBack(
    transaction: Transaction,
    numbers: readonly string[],
  ): Promise<readonly ParkedOrder[]>;

  /** Puts back the next parked tasks, in the order of their orders' ids. */
  abstract putBackNext(transaction: Transaction, selection: ParkedSelection): Promise<PutBack>;
}

/** An order whose task was put back. */
export interface ParkedOrder {
  readonly number: string;
  readonly userId: string;
}

/** Which parked tasks to put back. */
export interface ParkedSelection {
  /** Those after this order's; absent: from the first. */
  readonly after?: string | undefined;
  /** A part of the task's reason, in capital letters or small ones; absent: any. */
  readonly reason?: string | undefined;
  /** No more than so many. */
  readonly limit: number;
}

export interface PutBack {
  readonly orders: readonly ParkedOrder[];
  /** `after` of the next selection; absent where there is nothing more. */
  readonly last?: string | undefined;
}
