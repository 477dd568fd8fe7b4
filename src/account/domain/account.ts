import { DomainError } from '../../kernel/domain/domain-error.js';
import { ImpossibleSum, Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Payments } from './payments.js';

export type EntryKind = 'ACCRUAL' | 'WITHDRAWAL';

/** One movement of points on an account. Entries are only ever added. */
export interface LedgerEntry {
  readonly id: string;
  readonly accountId: string;
  /** The account's version that this entry made: 1, 2, 3 … without a gap. */
  readonly version: bigint;
  readonly kind: EntryKind;
  readonly amount: Money;
  readonly balanceAfter: Money;
  /** All that was withdrawn from the account, with this entry. */
  readonly withdrawnAfter: Money;
  readonly orderNumber: OrderNumber;
}

/** The balance does not cover the withdrawal. */
export class InsufficientFunds extends DomainError {
  readonly code = 'insufficient-funds';
  readonly kind = 'insufficient';
}

/** A credit would lift the balance to 10¹³ points, which no honest award does. */
export class BalanceLimitReached extends DomainError {
  readonly code = 'balance-limit-reached';
  readonly kind = 'internal';
}

/** A movement that somebody asks for; `id` becomes its ledger entry's. */
export interface Movement {
  readonly id: string;
  readonly orderNumber: OrderNumber;
  readonly sum: Money;
}

export interface AccountSnapshot {
  readonly userId: string;
  readonly balance: Money;
  /** All that was ever withdrawn. */
  readonly withdrawn: Money;
  /** How many entries the ledger holds for this account. */
  readonly version: bigint;
}

/**
 * A customer's points. Every change is an entry in the ledger; balance and withdrawn only sum them
 * up.
 */
export class Account {
  readonly #newEntries: LedgerEntry[] = [];

  private constructor(private state: AccountSnapshot) {}

  static restore(state: AccountSnapshot): Account {
    return new Account(state);
  }

  snapshot(): AccountSnapshot {
    return this.state;
  }

  /** The ledger entries of this account that are not stored yet, oldest first. */
  get newEntries(): readonly LedgerEntry[] {
    return this.#newEntries;
  }

  /**
   * Spends points on an order, once: the same withdrawal again charges nothing.
   *
   * @throws ImpossibleSum for zero, OrderPaidOtherwise, InsufficientFunds: the first that holds.
   */
  withdraw(movement: Movement, payments: Payments): void {
    const { orderNumber, sum } = movement;
    if (sum.isZero) throw new ImpossibleSum('a withdrawal must be above zero');
    const payment = { accountId: this.state.userId, orderNumber, sum };
    if (payments.include(payment)) return;
    const { balance, withdrawn } = this.state;
    if (balance.isBelow(sum))
      throw new InsufficientFunds(
        `the balance of ${balance.toString()} does not cover ${sum.toString()}`,
      );
    this.move('WITHDRAWAL', movement, {
      balance: balance.minus(sum),
      withdrawn: withdrawn.plus(sum),
    });
    payments.record(payment);
  }

  /** Adds the points awarded for an order. @throws BalanceLimitReached */
  credit(movement: Movement): void {
    const balance = this.state.balance.plus(movement.sum);
    if (!balance.isBelow(Money.LIMIT))
      throw new BalanceLimitReached(`crediting ${movement.sum.toString()} would pass 10^13 points`);
    this.move('ACCRUAL', movement, { balance, withdrawn: this.state.withdrawn });
  }

  private move(
    kind: EntryKind,
    { id, orderNumber, sum }: Movement,
    after: Pick<AccountSnapshot, 'balance' | 'withdrawn'>,
  ): void {
    const version = this.state.version + 1n;
    const { userId } = this.state;
    this.state = { userId, version, ...after };
    this.#newEntries.push({
      id,
      accountId: userId,
      version,
      kind,
      amount: sum,
      balanceAfter: after.balance,
      withdrawnAfter: after.withdrawn,
      orderNumber,
    });
  }
}
