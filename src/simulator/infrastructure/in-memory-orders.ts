import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { Orders } from '../application/accrual-system.js';
import type { Order } from '../domain/order.js';

/**
 * Remembers the newest `capacity` orders and forgets the oldest, which have long been final: every
 * calculation takes the same time, so a million orders would have to come within one calculation
 * for a live one to be lost.
 */
export class InMemoryOrders extends Orders {
  readonly #orders = new Map<string, Order>();
  /**
   * One iterator for life: a new one would first walk over the holes of all that was deleted, 20 µs
   * an insertion at a million orders.
   */
  readonly #oldestFirst = this.#orders.keys();

  constructor(private readonly capacity: number) {
    super();
  }

  find(number: OrderNumber): Order | undefined {
    return this.#orders.get(number.value);
  }

  add(number: OrderNumber, order: Order): void {
    this.#orders.set(number.value, order);
    if (this.#orders.size <= this.capacity) return;
    const oldest = this.#oldestFirst.next();
    if (!oldest.done) this.#orders.delete(oldest.value);
  }
}
