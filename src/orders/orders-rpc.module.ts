import { Global, Module } from '@nestjs/common';
import { BillingClient } from '../platform/grpc/rpc-client.js';
import { RpcErrors } from '../platform/grpc/rpc-errors.js';
import { OrderQueries } from './application/ports.js';
import { UploadCommits } from './application/upload-orders.js';
import { OrderCommandsRpc, OrderQueriesRpc } from './grpc/orders.rpc.js';
import { RemoteOrderQueries, uploadsAt } from './grpc/remote-orders.js';

/** Takes orders for a portal, at billing in another process. */
@Global()
@Module({
  providers: [
    { provide: UploadCommits, inject: [BillingClient, RpcErrors], useFactory: uploadsAt },
  ],
  exports: [UploadCommits],
})
export class RemoteOrdersModule {}

/** Has orders shown by billing in another process. */
@Global()
@Module({
  providers: [
    {
      provide: OrderQueries,
      inject: [BillingClient, RpcErrors],
      useFactory: (billing: BillingClient, errors: RpcErrors) =>
        new RemoteOrderQueries(billing, errors),
    },
  ],
  exports: [OrderQueries],
})
export class RemoteOrderReadsModule {}

@Module({ providers: [OrderCommandsRpc] })
export class OrdersRpcModule {}

@Module({ providers: [OrderQueriesRpc] })
export class OrderReadsRpcModule {}
