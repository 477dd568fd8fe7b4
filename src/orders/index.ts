export { OrderQueriesInSql } from './infrastructure/sql-order-queries.js';
export { ORDERS_ERRORS } from './http/orders.errors.js';
export { type OrderDetail, type OrderLine, OrderQueries } from './application/ports.js';
export { OrderIsFinal, type OrderStatus, UploadRequested } from './domain/order.js';
export {
  type OrdersToSettle,
  SettleOrders,
  type SettledOrder,
  type Settlement,
} from './application/settle-orders.js';
