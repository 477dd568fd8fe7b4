import { Injectable } from '@nestjs/common';
import {
  decide,
  GroupCommit,
  type Outcome,
} from '../../kernel/application/batches/group-commit.js';
import { BatchMetrics } from '../../kernel/application/batches/ports.js';
import { type Caller, ClientDisconnected, refreshAll } from '../../kernel/application/caller.js';
import { StaleState } from '../../kernel/application/persistence-errors.js';
import { inOrder, UnitOfWork } from '../../kernel/application/unit-of-work.js';
import type { Money } from '../../kernel/domain/money.js';
import type { Movement } from '../domain/account.js';
import { AccountMetrics, AccountRepository } from './ports.js';

/**
 * A user spends points on an order; `id` is made once per request, so that a repeated commit stores
 * one entry.
 */
export interface Withdrawal extends Movement {
  readonly userId: string;
  readonly caller: Caller;
}

/** Charges a batch of withdrawals, one after another in memory, while the accounts are locked. */
@Injectable()
export class WithdrawPoints {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly metrics: AccountMetrics,
  ) {}

  /**
   * Charges nobody who does not hear of it: who has left, or was told that it takes too long, may
   * try again elsewhere.
   *
   * @param isAwaited false where the caller at this place was told so.
   */
  async execute(
    withdrawals: readonly Withdrawal[],
    isAwaited: (place: number) => boolean = () => true,
  ): Promise<Outcome<void>[]> {
    const hasLeft = (place: number): boolean =>
      !isAwaited(place) || withdrawals[place]?.caller.isDisconnected === true;
    const { outcomes, spent } = await this.unitOfWork.run(async (transaction) => {
      const users = withdrawals.map(({ userId }) => userId);
      const numbers = withdrawals.map(({ orderNumber }) => orderNumber);
      // What the lock waited for must be among the payments.
      const [accounts, payments] = await inOrder(
        this.accounts.lock(transaction, users),
        this.accounts.payments(transaction, numbers),
      );
      const charged: number[] = [];
      const spent: Money[] = [];
      const outcomes = withdrawals.map((each, place) =>
        decide(() => {
          if (hasLeft(place)) throw new ClientDisconnected();
          if (accounts.of(each.userId).withdraw(each, payments)) spent.push(each.sum);
          charged.push(place);
        }),
      );
      // Once more while the lock is held: a caller who has left may have tried again elsewhere and
      // been told 402, and that must stay true (ADR 0018).
      transaction.beforeCommit(async () => {
        await refreshAll(charged.flatMap((place) => withdrawals[place]?.caller ?? []));
        if (charged.some(hasLeft)) throw new StaleState('a client left during its withdrawal');
      });
      this.accounts.save(transaction, accounts);
      return { outcomes, spent };
    });
    this.metrics.spent(spent);
    return outcomes;
  }
}

/**
 * Where single withdrawals wait for the commit they share: fifty from one account take one lock and
 * one commit.
 */
@Injectable()
export class WithdrawalCommits extends GroupCommit<Withdrawal, void> {
  constructor(withdrawPoints: WithdrawPoints, metrics: BatchMetrics) {
    super(
      (withdrawals, isAwaited) => withdrawPoints.execute(withdrawals, isAwaited),
      {},
      metrics.of('withdrawals'),
    );
  }
}
