import { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';

export type CalculationStatus = 'REGISTERED' | 'PROCESSING' | 'INVALID' | 'PROCESSED';

/** What the accrual system says about an order. A zero award, or none, has no accrual. */
export interface Calculation {
  readonly status: CalculationStatus;
  readonly accrual?: Money;
}

/**
 * An order. Its award is known from the start, and its status follows from its age: no timer runs,
 * so there is nothing to stop.
 */
export class Order {
  /**
   * @param registeredAt in milliseconds of the monotonic clock: a clock that is set back must not
   * turn a final order into a new one. Undefined: registered by the first request for it.
   * @param award is undefined where no good earned a reward: the order becomes INVALID.
   */
  constructor(
    private registeredAt: number | undefined,
    private readonly award: Money | undefined,
  ) {}

  get isRegistered(): boolean {
    return this.registeredAt !== undefined;
  }

  /**
   * REGISTERED for the first third of `calculationMs`, PROCESSING for the rest of it, final from
   * then on.
   */
  calculationAt(now: number, calculationMs: number): Calculation {
    this.registeredAt ??= now;
    const age = now - this.registeredAt;
    if (age < calculationMs / 3) return { status: 'REGISTERED' };
    if (age < calculationMs) return { status: 'PROCESSING' };
    if (!this.award) return { status: 'INVALID' };
    return this.award.isZero
      ? { status: 'PROCESSED' }
      : { status: 'PROCESSED', accrual: this.award };
  }
}

/**
 * The award for an order that nobody registered with goods: 100 to 1000 points in steps of a half,
 * always the same for the same number.
 */
export function welcomeAward(number: OrderNumber): Money {
  return Money.kopecks(10_000n + (BigInt(number.value) % 1801n) * 50n);
}

/**
 * Remembers the newest `capacity` orders and forgets the oldest. Those are final, or nobody has
 * asked for them: all calculations take the same time, so a live one is lost only when so many
 * orders come within one calculation.
 */
export class Orders {
  readonly #orders = new Map<string, Order>();
  /** One iterator for good: a new one walks over the holes of all that was deleted, every time. */
  readonly #oldestFirst = this.#orders.keys();

  constructor(private readonly capacity: number) {}

  find(number: OrderNumber): Order | undefined {
    return this.#orders.get(number.value);
  }

  /** Adds an order, in place of one with this number that was issued only. */
  add(number: OrderNumber, order: Order): void {
    this.#orders.set(number.value, order);
    if (this.#orders.size <= this.capacity) return;
    const oldest = this.#oldestFirst.next();
    if (!oldest.done) this.#orders.delete(oldest.value);
  }
}
