import type { OrderNumber } from '../../shared/domain/order-number.js';
import type { Order } from '../domain/order.js';

/** The orders that the accrual system remembers. */
export abstract class Orders {
  abstract find(number: OrderNumber): Order | undefined;

  /** Adds an order whose number {@link find} does not know. */
  abstract add(number: OrderNumber, order: Order): void;
}
