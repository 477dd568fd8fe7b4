import { Global, Module } from '@nestjs/common';
import { BillingClient } from '../platform/grpc/rpc-client.js';
import { RpcErrors } from '../platform/grpc/rpc-errors.js';
import { AccountQueries } from './application/ports.js';
import { WithdrawalCommits } from './application/withdraw-points.js';
import { AccountQueriesRpc } from './grpc/account-queries.rpc.js';
import { AccountCommandsRpc } from './grpc/account.rpc.js';
import { RemoteAccountQueries, withdrawalsAt } from './grpc/remote-account.js';

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

@Module({ providers: [AccountCommandsRpc] })
export class AccountRpcModule {}

@Module({ providers: [AccountQueriesRpc] })
export class AccountReadsRpcModule {}
