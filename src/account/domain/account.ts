import { DomainError, TOKEN_REQUIRED } from '../../kernel/domain/domain-error.js';
import { ImpossibleSum, Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Trace } from '../../kernel/domain/trace.js';
import type { Payment, Payments } from './payments.js';

/** Those of the contract. ADJUSTMENT and REVERSAL are an operator's. */
export const ENTRY_KINDS = ['ACCRUAL', 'WITHDRAWAL', 'ADJUSTMENT', 'REVERSAL'] as const;

export type EntryKind = (typeof ENTRY_KINDS)[number];

/** The two sums of an account. */
export type AccountSum = 'balance' | 'withdrawn';

/**
 * What an entry of each kind does to the sums of its account: 1 adds the amount, -1 takes it away.
 * An ADJUSTMENT may do either; one that takes points is stored with an amount below zero.
 */
export const EFFECTS: Readonly<Record<EntryKind, Readonly<Record<AccountSum, 1 | 0 | -1>>>> = {
  ACCRUAL: { balance: 1, withdrawn: 0 },
  WITHDRAWAL: { balance: -1, withdrawn: 1 },
  ADJUSTMENT: { balance: 1, withdrawn: 0 },
  REVERSAL: { balance: 1, withdrawn: -1 },
};

/** One movement of points on an account. Entries are only ever added. */
export interface LedgerEntry {
  readonly id: string;
  readonly accountId: string;
  /** The account's version that this entry made: 1, 2, 3 … without a gap. */
  readonly version: bigint;
  readonly kind: EntryKind;
  readonly amount: Money;
  /** The account has the amount less, and not more. */
  readonly isTaken: boolean;
  readonly balanceAfter: Money;
  /** All that was withdrawn from the account, with this entry. */
  readonly withdrawnAfter: Money;
  /** Adjustments have none. */
  readonly orderNumber?: OrderNumber;
  /** Why an operator made it; the customer may read it. */
  readonly reason?: string;
  /** Of the withdrawal, or of the upload that earned the points. */
  readonly trace?: Trace | undefined;
}

/** The balance does not cover what is to be taken. */
export class InsufficientFunds extends DomainError {
  readonly code = 'insufficient-funds';
  readonly kind = 'insufficient';
}

/** An operator lets the user spend no points. They are told no more than everybody else. */
export class AccountBlocked extends DomainError {
  readonly code = 'account-blocked';
  readonly kind = 'unauthenticated';

  constructor() {
    super(TOKEN_REQUIRED);
  }
}

/** The balance would come to 10¹³ points, which no honest award does. */
export class BalanceLimitReached extends DomainError {
  readonly code = 'balance-limit-reached';
  readonly kind = 'internal';
}

/** The entries add up to what no account can have: below zero, or 10¹³ points. */
export class ImpossibleAccount extends DomainError {
  readonly code = 'impossible-account';
  readonly kind = 'internal';
}

/** A movement that somebody asks for; `id` becomes its ledger entry's. */
export interface Movement {
  readonly id: string;
  readonly orderNumber: OrderNumber;
  readonly sum: Money;
  readonly trace?: Trace | undefined;
}

/** Points that an operator gives or takes; `id` becomes the ledger entry's. */
export interface Adjustment {
  readonly id: string;
  readonly sum: Money;
  readonly isTaken: boolean;
  readonly reason: string;
}

/** What entries add up to, in kopecks: any number, where they contradict themselves. */
export interface EntrySums {
  readonly balance: bigint;
  readonly withdrawn: bigint;
  /** Of the last one. */
  readonly version: bigint;
}

export interface AccountSnapshot {
  readonly userId: string;
  readonly balance: Money;
  /** All that was ever withdrawn, without what came back. */
  readonly withdrawn: Money;
  /** How many entries the ledger holds for this account. */
  readonly version: bigint;
  /** Nothing can be spent; points are earned all the same. */
  readonly isBlocked?: boolean;
}

/**
 * A customer's points. Every change is an entry in the ledger; balance and withdrawn only sum them
 * up.
 */
export class Account {
  readonly #newEntries: LedgerEntry[] = [];

  private constructor(
    private state: AccountSnapshot,
    private readonly stored = state,
  ) {}

  static restore(state: AccountSnapshot): Account {
    return new Account(state);
  }

  snapshot(): AccountSnapshot {
    return this.state;
  }

  get isChanged(): boolean {
    return this.state !== this.stored;
  }

  /** The ledger entries of this account that are not stored yet, oldest first. */
  get newEntries(): readonly LedgerEntry[] {
    return this.#newEntries;
  }

  /**
   * Spends points on an order, once: the same withdrawal again charges nothing.
   *
   * @returns whether it charged.
   * @throws AccountBlocked, ImpossibleSum for zero, OrderPaidOtherwise, InsufficientFunds: the
   * first that holds.
   */
  withdraw(movement: Movement, payments: Payments): boolean {
    if (this.state.isBlocked) throw new AccountBlocked();
    const { orderNumber, sum } = movement;
    if (sum.isZero) throw new ImpossibleSum('a withdrawal must be above zero');
    const payment = { accountId: this.state.userId, orderNumber, sum };
    if (payments.include(payment)) return false;
    this.move('WITHDRAWAL', movement);
    payments.record(payment);
    return true;
  }

  /** Adds the points awarded for an order. @throws BalanceLimitReached */
  credit(movement: Movement): void {
    this.move('ACCRUAL', movement);
  }

  /** @throws ImpossibleSum for zero; InsufficientFunds; BalanceLimitReached */
  adjust(adjustment: Adjustment): void {
    if (adjustment.sum.isZero) throw new ImpossibleSum('an adjustment is more or less than zero');
    this.move('ADJUSTMENT', adjustment);
  }

  /**
   * Gives the points of a withdrawal back, once.
   *
   * @param payment of this account.
   * @returns whether they were not given back before.
   * @throws BalanceLimitReached
   */
  reverse(id: string, payment: Payment, reason: string): boolean {
    const { orderNumber, sum, isReversed } = payment;
    if (isReversed) return false;
    this.move('REVERSAL', { id, orderNumber, sum, reason });
    return true;
  }

  /**
   * Sets the account to what its entries add up to. No entry is added: they are the truth.
   *
   * @throws ImpossibleAccount
   */
  recount({ balance, withdrawn, version }: EntrySums): void {
    if (balance < 0n || withdrawn < 0n || balance >= Money.LIMIT.kopecks)
      throw new ImpossibleAccount(
        `its entries add up to ${balance} kopecks, and ${withdrawn} withdrawn`,
      );
    const sums = { balance: Money.kopecks(balance), withdrawn: Money.kopecks(withdrawn) };
    const isRight =
      this.state.version === version &&
      this.state.balance.equals(sums.balance) &&
      this.state.withdrawn.equals(sums.withdrawn);
    if (!isRight) this.state = { ...this.state, version, ...sums };
  }

  private with(sum: Money): Money {
    const balance = this.state.balance.plus(sum);
    if (!balance.isBelow(Money.LIMIT))
      throw new BalanceLimitReached(`adding ${sum.toString()} would pass 10^13 points`);
    return balance;
  }

  private without(sum: Money): Money {
    const { balance } = this.state;
    if (balance.isBelow(sum))
      throw new InsufficientFunds(
        `the balance of ${balance.toString()} does not cover ${sum.toString()}`,
      );
    return balance.minus(sum);
  }

  private move(
    kind: EntryKind,
    movement: Pick<LedgerEntry, 'id' | 'orderNumber' | 'reason' | 'trace'> & {
      readonly sum: Money;
      readonly isTaken?: boolean;
    },
  ): void {
    const effect = EFFECTS[kind];
    const { id, orderNumber, sum, reason, trace, isTaken = effect.balance < 0 } = movement;
    const { userId } = this.state;
    const version = this.state.version + 1n;
    const balance = isTaken ? this.without(sum) : this.with(sum);
    let { withdrawn } = this.state;
    if (effect.withdrawn > 0) withdrawn = withdrawn.plus(sum);
    if (effect.withdrawn < 0) withdrawn = withdrawn.minus(sum);
    this.state = { ...this.state, version, balance, withdrawn };
    this.#newEntries.push({
      id,
      accountId: userId,
      version,
      kind,
      amount: sum,
      isTaken,
      balanceAfter: balance,
      withdrawnAfter: withdrawn,
      ...(orderNumber && { orderNumber }),
      ...(reason !== undefined && { reason }),
      ...(trace && { trace }),
    });
  }
}
