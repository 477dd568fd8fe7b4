import { Module, type OnModuleInit } from '@nestjs/common';
import { AuthModule, UserRegistered } from '../auth/index.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { AccountQueries, AccountRepository } from './application/ports.js';
import { CreditPoints } from './application/credit-points.js';
import { OpenAccounts } from './application/open-accounts.js';
import { WithdrawalCommits, WithdrawPoints } from './application/withdraw-points.js';
import { AccountController } from './http/account.controller.js';
import { SqlAccountQueries } from './infrastructure/sql-account-queries.js';
import { SqlAccountRepository } from './infrastructure/sql-account-repository.js';

@Module({
  imports: [AuthModule],
  controllers: [AccountController],
  providers: [
    WithdrawPoints,
    WithdrawalCommits,
    CreditPoints,
    OpenAccounts,
    { provide: AccountRepository, useClass: SqlAccountRepository },
    { provide: AccountQueries, useClass: SqlAccountQueries },
  ],
  exports: [CreditPoints],
})
export class AccountModule implements OnModuleInit {
  constructor(
    private readonly events: DomainEvents,
    private readonly openAccounts: OpenAccounts,
  ) {}

  onModuleInit(): void {
    this.events.subscribe(UserRegistered, (registered, transaction) =>
      this.openAccounts.execute(transaction, registered),
    );
  }
}
