import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { AccountSnapshot, Adjustment } from '../domain/account.js';
import { AccountRepository, type StoredEntry } from './ports.js';

/** What was asked for cannot be corrected; operators alone meet it. */
export class CorrectionRefused extends Error {
  override readonly name = 'CorrectionRefused';
}

/** An account after a correction. */
export interface Corrected {
  readonly before: AccountSnapshot;
  readonly after: AccountSnapshot;
  /** False: it had been made before, and nothing was changed. */
  readonly isNew: boolean;
}

/**
 * What operators correct, each in a transaction of the caller's and under the account's lock. Done
 * twice, nothing changes the second time.
 */
@Injectable()
export class CorrectPoints {
  constructor(private readonly accounts: AccountRepository) {}

  /**
   * @throws CorrectionRefused where the id is another entry's; UserMissing, ImpossibleSum,
   * InsufficientFunds, BalanceLimitReached
   */
  async adjust(
    transaction: Transaction,
    userId: string,
    adjustment: Adjustment,
  ): Promise<Corrected> {
    const accounts = await this.accounts.lock(transaction, [userId]);
    const account = accounts.of(userId);
    const before = account.snapshot();
    const made = await this.accounts.entry(transaction, adjustment.id);
    if (made) {
      if (!isOf(made, userId, adjustment))
        throw new CorrectionRefused('this key was used for an adjustment of another login or sum');
      return { before, after: before, isNew: false };
    }
    account.adjust(adjustment);
    this.accounts.save(transaction, accounts);
    return { before, after: account.snapshot(), isNew: true };
  }

  /**
   * Gives the points back that were spent on an order.
   *
   * @param id becomes the entry's.
   * @throws CorrectionRefused where nobody has; BalanceLimitReached
   */
  async reverse(
    transaction: Transaction,
    { id, orderNumber, reason }: { id: string; orderNumber: OrderNumber; reason: string },
  ): Promise<Corrected> {
    const paid = (await this.accounts.payments(transaction, [orderNumber])).of(orderNumber);
    if (!paid) throw new CorrectionRefused('nobody has spent points on this order number');
    const accounts = await this.accounts.lock(transaction, [paid.accountId]);
    const account = accounts.of(paid.accountId);
    const before = account.snapshot();
    // What the lock waited for may be the same reversal.
    const payment = (await this.accounts.payments(transaction, [orderNumber])).of(orderNumber);
    const isNew = account.reverse(id, payment ?? paid, reason);
    this.accounts.save(transaction, accounts);
    return { before, after: account.snapshot(), isNew };
  }

  /**
   * Sets an account to what its entries add up to.
   *
   * @throws UserMissing; ImpossibleAccount
   */
  async recount(transaction: Transaction, userId: string): Promise<Corrected> {
    const accounts = await this.accounts.lock(transaction, [userId]);
    const account = accounts.of(userId);
    const before = account.snapshot();
    account.recount(await this.accounts.sums(transaction, userId));
    this.accounts.save(transaction, accounts);
    return { before, after: account.snapshot(), isNew: account.isChanged };
  }
}

function isOf(made: StoredEntry, userId: string, { sum, isTaken }: Adjustment): boolean {
  return (
    made.kind === 'ADJUSTMENT' &&
    made.accountId === userId &&
    made.isTaken === isTaken &&
    made.amount.equals(sum)
  );
}
