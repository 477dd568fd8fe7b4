import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { SpendingBlocked, SpendingUnblocked, UserRegistered } from '../auth/index.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { AccountMetrics, AccountQueries, AccountRepository } from './application/ports.js';
import { CorrectPoints } from './application/correct-points.js';
import { CreditPoints } from './application/credit-points.js';
import { WithdrawalCommits, WithdrawPoints } from './application/withdraw-points.js';
import { PrometheusAccountMetrics } from './infrastructure/prometheus-account-metrics.js';
import { SqlAccountQueries } from './infrastructure/sql-account-queries.js';
import { SqlAccountRepository } from './infrastructure/sql-account-repository.js';

@Module({
  providers: [{ provide: AccountRepository, useClass: SqlAccountRepository }],
  exports: [AccountRepository],
})
class AccountRepositoryModule {}

/** Points are credited. */
@Global()
@Module({
  imports: [AccountRepositoryModule],
  providers: [CreditPoints],
  exports: [CreditPoints],
})
export class CreditsModule {}

/** Accounts are opened, and points are spent; operators correct them. */
@Global()
@Module({
  imports: [AccountRepositoryModule],
  providers: [
    WithdrawPoints,
    WithdrawalCommits,
    CorrectPoints,
    { provide: AccountMetrics, useClass: PrometheusAccountMetrics },
  ],
  exports: [WithdrawalCommits, CorrectPoints],
})
export class AccountModule implements OnModuleInit {
  constructor(
    private readonly events: DomainEvents,
    private readonly accounts: AccountRepository,
  ) {}

  onModuleInit(): void {
    // In the transaction that registers the user: withdrawals lock the account, so it must exist.
    this.events.subscribe(UserRegistered, (registered, transaction) =>
      this.accounts.open(
        transaction,
        registered.map(({ userId }) => userId),
      ),
    );
    for (const [event, isBlocked] of [
      [SpendingBlocked, true],
      [SpendingUnblocked, false],
    ] as const)
      this.events.subscribe(event, async (users, transaction) => {
        for (const { userId } of users)
          await this.accounts.setBlocked(transaction, userId, isBlocked);
      });
  }
}

/** Shows accounts from the tables in which they are kept. */
@Global()
@Module({
  providers: [{ provide: AccountQueries, useClass: SqlAccountQueries }],
  exports: [AccountQueries],
})
export class AccountTablesModule {}
