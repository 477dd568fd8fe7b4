import { Injectable } from '@nestjs/common';
import { Clock } from '../../kernel/application/system.js';
import { decide, type Outcome } from '../../kernel/application/outcome.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Movement } from '../domain/account.js';
import { AccountRepository, Accounts } from './ports.js';

/** Points awarded to a user for an order. */
export interface Credit extends Movement {
  readonly userId: string;
}

/** Credits a list of awards. */
@Injectable()
export class CreditPoints {
  constructor(
    private readonly accounts: AccountRepository,
    private readonly clock: Clock,
  ) {}

  /** Locks the accounts that may be credited, before it is known which of them will be. */
  async lock(transaction: Transaction, userIds: readonly string[]): Promise<Accounts> {
    return userIds.length === 0 ? new Accounts([]) : this.accounts.lock(transaction, userIds);
  }

  /** One outcome for each credit: done, or BalanceLimitReached. */
  async execute(
    transaction: Transaction,
    accounts: Accounts,
    credits: readonly Credit[],
  ): Promise<Outcome<void>[]> {
    const now = this.clock.now();
    const outcomes = credits.map((credit) =>
      decide(() => accounts.of(credit.userId).credit(credit, now)),
    );
    await this.accounts.save(transaction, accounts);
    return outcomes;
  }
}
