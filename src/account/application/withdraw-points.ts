import { Injectable } from '@nestjs/common';
import { type Caller, refreshAll, throwIfDisconnected } from '../../kernel/application/caller.js';
import { decide, GroupCommit, type Outcome } from '../../kernel/application/group-commit.js';
import { StaleState } from '../../kernel/application/persistence-errors.js';
import { inOrder, UnitOfWork } from '../../kernel/application/unit-of-work.js';
import type { Movement } from '../domain/account.js';
import { AccountRepository } from './ports.js';

/**
 * A user spends points on an order; `id` is made once per request, so that a repeated commit stores
 * one entry.
 */
export interface Withdrawal extends Movement {
  readonly userId: string;
  readonly caller: Caller;
}

/** Charges a list of withdrawals, one after another in memory, while the accounts are locked. */
@Injectable()
export class WithdrawPoints {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
  ) {}

  execute(withdrawals: readonly Withdrawal[]): Promise<Outcome<void>[]> {
    return this.unitOfWork.run(async (transaction) => {
      const users = withdrawals.map(({ userId }) => userId);
      const numbers = withdrawals.map(({ orderNumber }) => orderNumber);
      // What the lock waited for must be among the payments.
      const [accounts, payments] = await inOrder(
        this.accounts.lock(transaction, users),
        this.accounts.payments(transaction, numbers),
      );
      const charged: Withdrawal[] = [];
      const outcomes = withdrawals.map((each) =>
        decide(() => {
          throwIfDisconnected(each.caller);
          accounts.of(each.userId).withdraw(each, payments);
          charged.push(each);
        }),
      );
      // Once more while the lock is held: a caller who disconnected may have tried again elsewhere
      // and been told 402, and that must stay true (ADR 0018).
      transaction.beforeCommit(async () => {
        await refreshAll(charged.map(({ caller }) => caller));
        if (charged.some(({ caller }) => caller.isDisconnected))
          throw new StaleState('a client disconnected during its withdrawal');
      });
      this.accounts.save(transaction, accounts);
      return outcomes;
    });
  }
}

/**
 * Where single withdrawals wait for the commit they share: fifty from one account take one lock and
 * one commit.
 */
@Injectable()
export class WithdrawalCommits extends GroupCommit<Withdrawal, void> {
  constructor(withdrawPoints: WithdrawPoints) {
    super((withdrawals) => withdrawPoints.execute(withdrawals));
  }
}
