import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { backOffMs } from '../../kernel/domain/time/back-off.js';
import type { Trace } from '../../kernel/domain/trace.js';
import { BACK_OFF, type Spacing, spacingMs } from './spacing.js';

/** A reply of the accrual system about one order, checked. */
export type AccrualReply =
  /** Known there, not calculated yet (REGISTERED, PROCESSING). */
  | { readonly kind: 'calculating' }
  /** Final; `accrual` is zero where nothing was awarded. */
  | { readonly kind: 'processed'; readonly accrual: Money }
  /** Final: no points for this order. */
  | { readonly kind: 'invalid' }
  /** Not registered there (yet). */
  | { readonly kind: 'unknown' }
  /**
   * Too many requests (429): none of any replica may go out for `pauseMs` milliseconds.
   * `ratePerMinute` is the limit, where the reply names one.
   */
  | {
      readonly kind: 'limited';
      readonly pauseMs: number;
      readonly ratePerMinute?: number | undefined;
    }
  /** No reply, or one that breaks the contract. */
  | { readonly kind: 'fault'; readonly reason: string };

/** Who comes first when more tasks are due than requests may go out. */
export type TaskPriority =
  /** A new order: no request has gone out for it. */
  | 'FRESH'
  /** The accrual system is calculating, or it was out. */
  | 'RETRIED'
  /** The accrual system does not know this number, or failed over it. */
  | 'SUSPECT';

export interface TaskSnapshot {
  readonly orderId: string;
  /** Whose order it is. */
  readonly userId: string;
  readonly number: OrderNumber;
  /**
   * Counts the claims of this task: the fence. A resolution with an older attempt is too late, and
   * changes nothing.
   */
  readonly attempt: number;
  /** Faults that were this order's own, and leases that ran out. */
  readonly tries: number;
  readonly priority: TaskPriority;
  /** How long the task has been in the queue, in milliseconds. */
  readonly ageMs: number;
  /** Of the order's upload. */
  readonly trace?: Trace | undefined;
}

/** What becomes of a claimed task, and of its order. */
export interface Resolution {
  readonly orderId: string;
  readonly userId: string;
  readonly attempt: number;
  readonly order: OrderResolution;
  readonly task: TaskResolution;
}

export type OrderResolution =
  | { readonly status: 'unchanged' }
  | { readonly status: 'PROCESSING' }
  | { readonly status: 'INVALID' }
  | { readonly status: 'PROCESSED'; readonly accrual: Money };

export type TaskResolution =
  | { readonly status: 'gone' }
  | {
      readonly status: 'PENDING';
      readonly dueInMs: number;
      readonly tries: number;
      readonly priority: TaskPriority;
      /** Absent where no reply came: it stays as it was. */
      readonly reason?: string | undefined;
    }
  | { readonly status: 'FAILED'; readonly tries: number; readonly reason: string };

/** Rules of the queue that an operator may set. */
export interface TaskRules {
  readonly maxTries: number;
  readonly spacing: Spacing;
}

/** A reply that says something about the order itself. */
type Answer = Exclude<AccrualReply, { kind: 'limited' | 'fault' }>;

const UNCHANGED = { status: 'unchanged' } as const;
const CALCULATING = { status: 'PROCESSING' } as const;

/** How soon a task is due again whose request met an outage, in milliseconds, give or take half. */
const OUTAGE_SPACING_MS = 1_000;

/** A reason has this many characters at most: the columns have no room for more. */
export const REASON_LENGTH = 500;

/** A claimed task: to find out one order's points. `random` is 0 to 1, for jitter. */
export class Task {
  constructor(
    private readonly state: TaskSnapshot,
    private readonly rules: TaskRules,
  ) {}

  get orderId(): string {
    return this.state.orderId;
  }

  get userId(): string {
    return this.state.userId;
  }

  get number(): OrderNumber {
    return this.state.number;
  }

  get trace(): Trace | undefined {
    return this.state.trace;
  }

  /** The accrual system did not know this number last time, or failed over it. */
  get isSuspect(): boolean {
    return this.state.priority === 'SUSPECT';
  }

  /** Its workers were lost so often that no request goes out any more. */
  get isExhausted(): boolean {
    return this.state.tries >= this.rules.maxTries;
  }

  /**
   * The accrual system has answered. A calculation may take any time: "not yet" spends no try, the
   * next request only waits longer.
   */
  answered(reply: Answer, random: number): Resolution {
    switch (reply.kind) {
      case 'processed':
        return this.resolved({ status: 'PROCESSED', accrual: reply.accrual }, { status: 'gone' });
      case 'invalid':
        return this.resolved({ status: 'INVALID' }, { status: 'gone' });
      case 'calculating':
        return this.resolved(CALCULATING, this.dueAgain('RETRIED', 'not calculated yet', random));
      case 'unknown':
        return this.resolved(UNCHANGED, this.dueAgain('SUSPECT', 'not registered there', random));
    }
  }

  /**
   * A fault of this order's own, while others were answered. It spends a try; with the last one the
   * task is parked.
   */
  faulted(reason: string, random: number): Resolution {
    const tries = this.state.tries + 1;
    if (tries >= this.rules.maxTries) return this.parked(reason, tries);
    return this.resolved(UNCHANGED, {
      status: 'PENDING',
      dueInMs: backOffMs(tries, BACK_OFF, random),
      tries,
      priority: 'SUSPECT',
      reason: reason.slice(0, REASON_LENGTH),
    });
  }

  /**
   * A fault of the whole system. It spends no try, and the order's own back-off does not grow. But
   * the order is not fresh any more: twenty orders that always fail would otherwise be first in
   * line for every probe, and keep a sound one waiting for 20 s.
   */
  caughtInOutage(reason: string, random: number): Resolution {
    const priority = this.isSuspect ? 'SUSPECT' : 'RETRIED';
    return this.resolved(UNCHANGED, {
      status: 'PENDING',
      dueInMs: OUTAGE_SPACING_MS * (0.5 + random),
      tries: this.state.tries,
      priority,
      reason: reason.slice(0, REASON_LENGTH),
    });
  }

  /**
   * No request went out, or it met a 429: due in `dueInMs`, as if it had not been claimed. It waits
   * no longer than others do, for a longer pause is kept by the gate.
   */
  postponed(dueInMs: number): Resolution {
    const { tries, priority } = this.state;
    return this.resolved(UNCHANGED, {
      status: 'PENDING',
      dueInMs: Math.min(dueInMs, this.rules.spacing.maxMs),
      tries,
      priority,
    });
  }

  /**
   * The task is kept for an operator, with the reason, and no longer due. Its order shows
   * PROCESSING meanwhile.
   */
  parked(reason: string, tries = this.state.tries): Resolution {
    return this.resolved(CALCULATING, {
      status: 'FAILED',
      tries,
      reason: reason.slice(0, REASON_LENGTH),
    });
  }

  private dueAgain(priority: TaskPriority, reason: string, random: number): TaskResolution {
    const dueInMs = spacingMs(this.state.ageMs, this.rules.spacing, random);
    return { status: 'PENDING', dueInMs, tries: this.state.tries, priority, reason };
  }

  private resolved(order: OrderResolution, task: TaskResolution): Resolution {
    const { orderId, userId, attempt } = this.state;
    return { orderId, userId, attempt, order, task };
  }
}
