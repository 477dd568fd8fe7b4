import { Global, Module } from '@nestjs/common';
import { OrderQueries, OrderRepository } from './application/ports.js';
import { SettleOrders } from './application/settle-orders.js';
import { UploadCommits, UploadOrders } from './application/upload-orders.js';
import { OrderCommandsRpc, OrderQueriesRpc } from './grpc/orders.rpc.js';
import { OrdersController } from './http/orders.controller.js';
import { SqlOrderQueries } from './infrastructure/sql-order-queries.js';
import { SqlOrderRepository } from './infrastructure/sql-order-repository.js';

/** Orders and what becomes of them. */
@Global()
@Module({
  providers: [
    UploadOrders,
    UploadCommits,
    SettleOrders,
    { provide: OrderRepository, useClass: SqlOrderRepository },
  ],
  exports: [UploadCommits, SettleOrders],
})
export class OrdersModule {}

/** Shows orders from the tables in which they are kept. */
@Global()
@Module({
  providers: [{ provide: OrderQueries, useClass: SqlOrderQueries }],
  exports: [OrderQueries],
})
export class OrderTablesModule {}

@Module({ controllers: [OrdersController] })
export class OrdersHttpModule {}

@Module({ providers: [OrderCommandsRpc] })
export class OrdersRpcModule {}

@Module({ providers: [OrderQueriesRpc] })
export class OrderReadsRpcModule {}
