import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { UserRegistered } from '../auth/index.js';
import { BillingClient } from '../platform/rpc/rpc-client.js';
import { RpcErrors } from '../platform/rpc/rpc-errors.js';
import { DomainEvents } from '../kernel/application/domain-events.js';
import { AccountQueries, AccountRepository } from './application/ports.js';
import { CreditPoints } from './application/credit-points.js';
import { WithdrawalCommits, WithdrawPoints } from './application/withdraw-points.js';
import { AccountCommandsRpc, AccountQueriesRpc } from './grpc/account.rpc.js';
import { RemoteAccountQueries, withdrawalsAt } from './grpc/remote-account.js';
import { AccountController } from './http/account.controller.js';
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

/** Accounts are opened, and points are spent. */
@Global()
@Module({
  imports: [AccountRepositoryModule],
  providers: [WithdrawPoints, WithdrawalCommits],
  exports: [WithdrawalCommits],
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

/** Has points spent by billing in another process. */
@Global()
@Module({
  providers: [
    { provide: WithdrawalCommits, inject: [BillingClient, RpcErrors], useFactory: withdrawalsAt },
  ],
  exports: [WithdrawalCommits],
})
export class RemoteAccountModule {}

/** Has accounts shown by billing in another process. */
@Global()
@Module({
  providers: [
    {
      provide: AccountQueries,
      inject: [BillingClient, RpcErrors],
      useFactory: (billing: BillingClient, errors: RpcErrors) =>
        new RemoteAccountQueries(billing, errors),
    },
  ],
  exports: [AccountQueries],
})
export class RemoteAccountReadsModule {}

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
