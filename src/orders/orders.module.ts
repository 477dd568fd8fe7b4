import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { OrderQueries, OrderRepository } from './application/ports.js';
import { SettleOrders } from './application/settle-orders.js';
import { UploadCommits, UploadOrders } from './application/upload-orders.js';
import { OrdersController } from './http/orders.controller.js';
import { SqlOrderQueries } from './infrastructure/sql-order-queries.js';
import { SqlOrderRepository } from './infrastructure/sql-order-repository.js';

@Module({
  imports: [AuthModule],
  controllers: [OrdersController],
  providers: [
    UploadOrders,
    UploadCommits,
    SettleOrders,
    { provide: OrderRepository, useClass: SqlOrderRepository },
    { provide: OrderQueries, useClass: SqlOrderQueries },
  ],
  exports: [SettleOrders],
})
export class OrdersModule {}
