export {
  OrdersHttpModule,
  OrdersModule,
  OrderReadsRpcModule,
  OrdersRpcModule,
  OrderSettlementModule,
  OrderTablesModule,
  RemoteOrderReadsModule,
  RemoteOrdersModule,
} from './orders.module.js';
export { RemoteOrderQueries } from './grpc/remote-orders.js';
export { ORDERS_ERRORS } from './http/orders.api.js';
export { type OrderLine, OrderQueries } from './application/ports.js';
export { OrderIsFinal, UploadRequested } from './domain/order.js';
export {
  type OrdersToSettle,
  SettleOrders,
  type SettledOrder,
  type Settlement,
} from './application/settle-orders.js';
