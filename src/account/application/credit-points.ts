import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/application/clock.js';
import { decide, type Outcome } from '../../shared/application/outcome.js';
import type { Transaction } from '../../shared/application/transaction.js';
import type { Movement } from '../domain/account.js';
import { AccountRepository } from './ports/account-repository.js';

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

  /** One outcome for each credit: done, or BalanceLimitReached. */
  async execute(transaction: Transaction, credits: readonly Credit[]): Promise<Outcome<void>[]> {
    const users = credits.map(({ userId }) => userId);
    const accounts = await this.accounts.lock(transaction, users);
    const now = this.clock.now();
    const outcomes = credits.map((credit) => decide(() => accounts.of(credit.userId).credit(credit, now)));
    await this.accounts.save(transaction, accounts);
    return outcomes;
  }
}
