import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';

/** What the accrual system said of one order, once its words have been checked. */
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
   * Asked too fast: nobody asks again before the pause is over. `ratePerMinute` where the reply
   * names its limit.
   */
  | {
      readonly kind: 'limited';
      readonly pauseMs: number;
      readonly ratePerMinute?: number | undefined;
    }
  /** No answer, or one that cannot be believed. */
  | { readonly kind: 'fault'; readonly reason: string };

/** The shortest and the longest wait between two questions for one order, in milliseconds. */
export interface Spacing {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Each wait is a fifth of the order's age: the credit is late by a fifth at most, and a week asks
 * 60 times instead of a million.
 */
const SHARE_OF_AGE = 0.2;

const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 300_000;

/**
 * How long to wait with the next question for an order that has no final answer yet; `random` (0 to
 * 1) spreads it by ±20 %.
 */
export function spacingMs(ageMs: number, { minMs, maxMs }: Spacing, random: number): number {
  return Math.min(maxMs, Math.max(minMs, ageMs * SHARE_OF_AGE)) * (0.8 + 0.4 * random);
}

/**
 * Exponential back-off after an order's own fault, the first for `tries` 1, halved to full by
 * `random` (0 to 1).
 */
export function backOffMs(tries: number, random: number): number {
  return Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (tries - 1)) * (0.5 + 0.5 * random);
}

/** What the accrual system had to say of a number so far. */
export type Standing =
  /** It was never asked. */
  | 'FRESH'
  /** It is calculating, or was out. */
  | 'ASKED'
  /** It does not know this number, or failed over it. */
  | 'DOUBTFUL';

export interface TaskSnapshot {
  readonly orderId: string;
  /** Whose order it is. */
  readonly userId: string;
  readonly number: OrderNumber;
  /**
   * Counts the claims of this task: the fence. Whoever settles with an older one comes too late.
   */
  readonly attempt: number;
  /** Faults that were this order's own, and leases that ran out. */
  readonly tries: number;
  readonly standing: Standing;
  /** How long the task has been in the queue, in milliseconds. */
  readonly ageMs: number;
}

/** What becomes of a claimed task, and of its order. */
export interface Verdict {
  readonly orderId: string;
  readonly userId: string;
  readonly attempt: number;
  readonly order: OrderVerdict;
  readonly task: TaskVerdict;
}

export type OrderVerdict =
  | { readonly status: 'unchanged' }
  | { readonly status: 'PROCESSING' }
  | { readonly status: 'INVALID' }
  | { readonly status: 'PROCESSED'; readonly accrual: Money };

export type TaskVerdict =
  | { readonly status: 'gone' }
  | {
      readonly status: 'PENDING';
      readonly dueInMs: number;
      readonly tries: number;
      readonly standing: Standing;
    }
  | { readonly status: 'FAILED'; readonly tries: number; readonly reason: string };

/** Rules of the queue that an operator may set. */
export interface TaskRules {
  readonly maxTries: number;
  readonly spacing: Spacing;
}

/** A reply that says something of the order itself. */
type Answer = Exclude<AccrualReply, { kind: 'limited' | 'fault' }>;

const UNCHANGED = { status: 'unchanged' } as const;
const CALCULATING = { status: 'PROCESSING' } as const;

/**
 * How soon a number comes up again that was asked in vain while the whole system was out, in
 * milliseconds.
 */
const OUTAGE_SPACING_MS = 1_000;

/** The claimed task of asking for one order's points. `random` is 0 to 1, for jitter. */
export class Task {
  constructor(
    private readonly state: TaskSnapshot,
    private readonly rules: TaskRules,
  ) {}

  get orderId(): string {
    return this.state.orderId;
  }

  get number(): OrderNumber {
    return this.state.number;
  }

  get attempt(): number {
    return this.state.attempt;
  }

  /** Unknown to the accrual system when it was asked last, or at fault there. */
  get isSuspect(): boolean {
    return this.state.standing === 'DOUBTFUL';
  }

  /** Lost with its workers so often that it is not asked for again. */
  get isExhausted(): boolean {
    return this.state.tries >= this.rules.maxTries;
  }

  /**
   * The accrual system has spoken of this order. A calculation may take any time: "not yet" spends
   * no try, it only spaces the questions out.
   */
  answered(reply: Answer, random: number): Verdict {
    switch (reply.kind) {
      case 'processed':
        return this.verdict({ status: 'PROCESSED', accrual: reply.accrual }, { status: 'gone' });
      case 'invalid':
        return this.verdict({ status: 'INVALID' }, { status: 'gone' });
      case 'calculating':
        return this.verdict(CALCULATING, this.dueAgain('ASKED', random));
      case 'unknown':
        return this.verdict(UNCHANGED, this.dueAgain('DOUBTFUL', random));
    }
  }

  /**
   * A fault of this order's own, others being answered: one try is spent, and with the last the
   * task is parked.
   */
  faulted(reason: string, random: number): Verdict {
    const tries = this.state.tries + 1;
    if (tries >= this.rules.maxTries) return this.parked(reason, tries);
    return this.verdict(UNCHANGED, {
      status: 'PENDING',
      dueInMs: backOffMs(tries, random),
      tries,
      standing: 'DOUBTFUL',
    });
  }

  /**
   * A fault of the whole system: no try is spent and this order's own back-off does not grow. It is
   * fresh no longer all the same: twenty numbers that always fail, still first in line for every
   * probe, made a live one wait 20 s.
   */
  caughtInOutage(random: number): Verdict {
    const standing = this.isSuspect ? 'DOUBTFUL' : 'ASKED';
    return this.verdict(UNCHANGED, {
      status: 'PENDING',
      dueInMs: OUTAGE_SPACING_MS * (0.5 + random),
      tries: this.state.tries,
      standing,
    });
  }

  /**
   * Not asked after all, or refused by the limit: due again in `dueInMs`, as if it had not been
   * claimed.
   */
  postponed(dueInMs: number): Verdict {
    const { tries, standing } = this.state;
    return this.verdict(UNCHANGED, { status: 'PENDING', dueInMs, tries, standing });
  }

  /** Kept for an operator, with the reason; the order shows PROCESSING meanwhile. */
  parked(reason: string, tries = this.state.tries): Verdict {
    return this.verdict(CALCULATING, { status: 'FAILED', tries, reason: reason.slice(0, 500) });
  }

  private dueAgain(standing: Standing, random: number): TaskVerdict {
    const dueInMs = spacingMs(this.state.ageMs, this.rules.spacing, random);
    return { status: 'PENDING', dueInMs, tries: this.state.tries, standing };
  }

  private verdict(order: OrderVerdict, task: TaskVerdict): Verdict {
    const { orderId, userId, attempt } = this.state;
    return { orderId, userId, attempt, order, task };
  }
}
