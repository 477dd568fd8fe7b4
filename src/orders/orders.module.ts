import { Global, Module } from '@nestjs/common';
import { OrderQueries, OrderRepository } from './application/ports.js';
import { SettleOrders } from './application/settle-orders.js';
import { UploadCommits, UploadOrders } from './application/upload-orders.js';
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
