import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { UserRegistered } from '../auth/index.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { AccountQueries, AccountRepository } from './application/ports.js';
import { CreditPoints } from './application/credit-points.js';
import { WithdrawalCommits, WithdrawPoints } from './application/withdraw-points.js';
import { AccountCommandsRpc, AccountQueriesRpc } from './grpc/account.rpc.js';
import { AccountController } from './http/account.controller.js';
import { SqlAccountQueries } from './infrastructure/sql-account-queries.js';
import { SqlAccountRepository } from './infrastructure/sql-account-repository.js';

/** Points: credited and spent. */
@Global()
@Module({
  providers: [
    WithdrawPoints,
    WithdrawalCommits,
    CreditPoints,
    { provide: AccountRepository, useClass: SqlAccountRepository },
  ],
  exports: [WithdrawalCommits, CreditPoints],
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
  }
}

/** Shows accounts from the tables in which they are kept. */
@Global()
@Module({
  providers: [{ provide: AccountQueries, useClass: SqlAccountQueries }],
  exports: [AccountQueries],
})
export class AccountTablesModule {}

@Module({ controllers: [AccountController] })
export class AccountHttpModule {}

@Module({ providers: [AccountCommandsRpc] })
export class AccountRpcModule {}

@Module({ providers: [AccountQueriesRpc] })
export class AccountReadsRpcModule {}
