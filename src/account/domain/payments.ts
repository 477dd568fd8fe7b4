import { DomainError } from '../../kernel/domain/domain-error.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';

/** The order number was paid before, with another sum or from another account. */
export class OrderPaidOtherwise extends DomainError {
  readonly code = 'order-paid-otherwise';
  readonly kind = 'conflict';
}

/** The payment of this order number was given back; the number stays used. */
export class OrderReversed extends DomainError {
  readonly code = 'order-reversed';
  readonly kind = 'conflict';
}

/** Points spent on one order of the shop. */
export interface Payment {
  readonly accountId: string;
  readonly orderNumber: OrderNumber;
  readonly sum: Money;
  /** An operator has given the points back. */
  readonly isReversed?: boolean;
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
   * @throws OrderPaidOtherwise when a different payment was made for the number; OrderReversed when
   * this one was given back.
   */
  include({ accountId, orderNumber, sum }: Payment): boolean {
    const made = this.#made.get(orderNumber.value);
    if (!made) return false;
    if (made.accountId !== accountId || !made.sum.equals(sum)) {
      throw new OrderPaidOtherwise(
        'this order number was paid with another sum or by another user',
      );
    }
    if (made.isReversed)
      throw new OrderReversed('the payment of this order number was given back to this user');
    return true;
  }

  /** What was paid for the number. */
  of({ value }: OrderNumber): Payment | undefined {
    return this.#made.get(value);
  }

  record(payment: Payment): void {
    this.#made.set(payment.orderNumber.value, payment);
  }
}
