import { Injectable } from '@nestjs/common';
import { decide, type Outcome } from '../../kernel/application/batches/group-commit.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Movement } from '../domain/account.js';
import { AccountRepository, Accounts } from './ports.js';

/** Points awarded to a user for an order. */
export interface Credit extends Movement {
  readonly userId: string;
}

/** Accounts that a transaction has locked, to be credited in it. */
export interface AccountsToCredit {
  /**
   * Credits the accounts in memory and has them stored with the commit. One outcome for each
   * credit: done, or BalanceLimitReached.
   */
  credit(credits: readonly Credit[]): Outcome<void>[];
}

/** Credits a batch of awards. */
@Injectable()
export class CreditPoints {
  constructor(private readonly accounts: AccountRepository) {}

  /** Locks the accounts that may be credited, before it is known which of them will be. */
  async lock(transaction: Transaction, userIds: readonly string[]): Promise<AccountsToCredit> {
    const accounts =
      userIds.length === 0 ? new Accounts([]) : await this.accounts.lock(transaction, userIds);
    return {
      credit: (credits) => {
        const outcomes = credits.map((credit) =>
          decide(() => accounts.of(credit.userId).credit(credit)),
        );
        this.accounts.save(transaction, accounts);
        return outcomes;
      },
    };
  }
}
