export { OrdersModule } from './orders.module.js';
export { ORDERS_ERRORS } from './http/orders.api.js';
export { OrderIsFinal, UploadRequested } from './domain/order.js';
export {
  type OrdersToSettle,
  SettleOrders,
  type SettledOrder,
  type Settlement,
} from './application/settle-orders.js';
