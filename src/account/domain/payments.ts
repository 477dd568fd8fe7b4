import { DomainError } from '../../kernel/domain/domain-error.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';

/** The order number was paid before, with another sum or from another account. */
export class OrderPaidOtherwise extends DomainError {
  readonly code = 'order-paid-otherwise';
  readonly kind = 'conflict';
}

/** Points spent on one order of the shop. */
export interface Payment {
  readonly accountId: string;
  readonly orderNumber: OrderNumber;
  readonly sum: Money;
}

/**
 * The payments already made for the orders at hand; a payment is made once for each order number.
 */
export class Payments {
  readonly #made: Map<string, Payment>;

  constructor(made: readonly Payment[] = []) {
    this.#made = new Map(made.map((payment) => [payment.orderNumber.value, payment]));
  }

  /**
   * Whether this very payment was made before: the order number is a withdrawal's idempotency key.
   *
   * @throws OrderPaidOtherwise when a different payment was made for the number.
   */
  include({ accountId, orderNumber, sum }: Payment): boolean {
    const made = this.#made.get(orderNumber.value);
    if (!made) return false;
    if (made.accountId !== accountId || !made.sum.equals(sum)) {
      throw new OrderPaidOtherwise(
        'this order number was paid with another sum or by another user',
      );
    }
    return true;
  }

  record(payment: Payment): void {
    this.#made.set(payment.orderNumber.value, payment);
  }
}
