import { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';

export type CalculationStatus = 'REGISTERED' | 'PROCESSING' | 'INVALID' | 'PROCESSED';

/**
 * What the accrual system says about an order at some moment; the accrual is absent where nothing,
 * or zero, was awarded.
 */
export interface Calculation {
  readonly status: CalculationStatus;
  readonly accrual?: Money;
}

/**
 * An order whose award is known from the start and disclosed bit by bit: its status follows from
 * its age, so no timer runs and nothing is left to stop.
 */
export class Order {
  /**
   * @param registeredAt in milliseconds since the epoch: a Date in each of a million orders takes
   * 100 MB more.
   * @param award undefined where no good earned a reward: the order is refused, INVALID.
   */
  constructor(
    private readonly registeredAt: number,
    private readonly award: Money | undefined,
  ) {}

  /**
   * REGISTERED for the first third of `calculationMs`, PROCESSING for the rest of it, final from
   * then on.
   */
  calculationAt(now: number, calculationMs: number): Calculation {
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
 * The award for an order nobody registered: 100 to 1000 points in steps of a half, always the same
 * for the same number.
 */
export function welcomeAward(number: OrderNumber): Money {
  return Money.kopecks(10_000n + (BigInt(number.value) % 1801n) * 50n);
}
