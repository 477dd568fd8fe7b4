import type { Clock } from '../../shared/application/clock.js';
import { OrderNumber } from '../../shared/domain/order-number.js';
import type { Orders } from './orders.js';

/** Makes up a number to try the service with. */
export class IssueOrderNumber {
  #last = 0;

  constructor(
    private readonly orders: Orders,
    private readonly clock: Clock,
  ) {}

  /**
   * A number that was never issued, by this process or an earlier one, and is not registered:
   * tenths of milliseconds since the epoch and a check digit, 15 digits, which still fit a
   * JavaScript number.
   */
  execute(): OrderNumber {
    let number: OrderNumber;
    do {
      this.#last = Math.max(this.#last + 1, Math.floor(this.clock.now().getTime()) * 10);
      number = OrderNumber.withCheckDigit(this.#last.toString());
    } while (this.orders.find(number));
    return number;
  }
}
