import { Global, Module } from '@nestjs/common';
import { RemoteAccountQueries } from '../account/grpc/index.js';
import { AccountQueries } from '../account/index.js';
import { KnownUsers } from '../auth/index.js';
import { RemoteOrderQueries } from '../orders/grpc/index.js';
import { OrderQueries } from '../orders/index.js';
import { QueryClient } from '../platform/grpc/rpc-client.js';
import { RpcErrors } from '../platform/grpc/rpc-errors.js';
import { AccountsOfKnownUsers, OrdersOfKnownUsers } from './infrastructure/for-known-users.js';

/** ReadModelReadsModule, with the read model in another process. */
@Global()
@Module({
  providers: [
    {
      provide: OrderQueries,
      inject: [QueryClient, RpcErrors, KnownUsers],
      useFactory: (query: QueryClient, errors: RpcErrors, users: KnownUsers) =>
        new OrdersOfKnownUsers(new RemoteOrderQueries(query, errors), users),
    },
    {
      provide: AccountQueries,
      inject: [QueryClient, RpcErrors, KnownUsers],
      useFactory: (query: QueryClient, errors: RpcErrors, users: KnownUsers) =>
        new AccountsOfKnownUsers(new RemoteAccountQueries(query, errors), users),
    },
  ],
  exports: [OrderQueries, AccountQueries],
})
export class RemoteReadModelReadsModule {}
