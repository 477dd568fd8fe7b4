import { Global, Module } from '@nestjs/common';
import { BillingClient } from '../platform/rpc/rpc-client.js';
import { RpcErrors } from '../platform/rpc/rpc-errors.js';
import { OrderQueries, OrderRepository } from './application/ports.js';
import { SettleOrders } from './application/settle-orders.js';
import { UploadCommits, UploadOrders } from './application/upload-orders.js';
import { OrderCommandsRpc, OrderQueriesRpc } from './grpc/orders.rpc.js';
import { RemoteOrderQueries, uploadsAt } from './grpc/remote-orders.js';
import { OrdersController } from './http/orders.controller.js';
import { SqlOrderQueries } from './infrastructure/sql-order-queries.js';
import { SqlOrderRepository } from './infrastructure/sql-order-repository.js';

@Module({
  providers: [{ provide: OrderRepository, useClass: SqlOrderRepository }],
  exports: [OrderRepository],
})
class OrderRepositoryModule {}

/** Takes orders. */
@Global()
@Module({
  imports: [OrderRepositoryModule],
  providers: [UploadOrders, UploadCommits],
  exports: [UploadCommits],
})
export class OrdersModule {}

/** Takes orders for a portal, at billing in another process. */
@Global()
@Module({
  providers: [
    { provide: UploadCommits, inject: [BillingClient, RpcErrors], useFactory: uploadsAt },
  ],
  exports: [UploadCommits],
})
export class RemoteOrdersModule {}

/** What becomes of orders. */
@Global()
@Module({
  imports: [OrderRepositoryModule],
  providers: [SettleOrders],
  exports: [SettleOrders],
})
export class OrderSettlementModule {}

/** Shows orders from the tables in which they are kept. */
@Global()
@Module({
  providers: [{ provide: OrderQueries, useClass: SqlOrderQueries }],
  exports: [OrderQueries],
})
export class OrderTablesModule {}

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

@Module({ controllers: [OrdersController] })
export class OrdersHttpModule {}

@Module({ providers: [OrderCommandsRpc] })
export class OrdersRpcModule {}

@Module({ providers: [OrderQueriesRpc] })
export class OrderReadsRpcModule {}
