export { OrdersModule } from './orders.module.js';
export { ORDERS_ERRORS } from './http/orders.api.js';
export { OrderUploaded } from './domain/order.js';
export { OrderIsFinal } from './domain/order.js';
export { SettleOrders, type Settlement, type SettledOrder } from './application/settle-orders.js';
