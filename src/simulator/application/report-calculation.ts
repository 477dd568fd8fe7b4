import type { Clock } from '../../shared/application/clock.js';
import type { OrderNumber } from '../../shared/domain/order-number.js';
import { type Calculation, Order, welcomeAward } from '../domain/order.js';
import type { Orders } from './orders.js';

export interface CalculationRules {
  /** From registration to the final status, in milliseconds. */
  readonly calculationMs: number;
  /** Whether the question itself registers a number never seen, with a welcome award. */
  readonly rewardUnknown: boolean;
}

/** Says how far the calculation for an order has got. */
export class ReportCalculation {
  constructor(
    private readonly orders: Orders,
    private readonly clock: Clock,
    private readonly rules: CalculationRules,
  ) {}

  /** @returns undefined for an order that is not registered. */
  execute(number: OrderNumber): Calculation | undefined {
    const now = this.clock.now().getTime();
    const order =
      this.orders.find(number) ??
      (this.rules.rewardUnknown ? this.welcome(number, now) : undefined);
    return order?.calculationAt(now, this.rules.calculationMs);
  }

  private welcome(number: OrderNumber, now: number): Order {
    const order = new Order(now, welcomeAward(number));
    this.orders.add(number, order);
    return order;
  }
}
