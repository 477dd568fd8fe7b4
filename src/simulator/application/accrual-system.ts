import type { Clock } from '../../kernel/application/ports.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { type Calculation, Order, type Orders, welcomeAward } from '../domain/order.js';
import type { Good, RewardProgramme, RewardRule } from '../domain/reward-programme.js';

/** Issues order numbers to try the service with: each earns points. */
export class IssueOrderNumber {
  #last = 0;

  constructor(
    private readonly orders: Orders,
    private readonly clock: Clock,
  ) {}

  /**
   * A number that neither this process nor an earlier one has issued, and that is not registered:
   * tenths of milliseconds since the epoch and a check digit. Its 15 digits still fit a JavaScript
   * number.
   */
  execute(): OrderNumber {
    let number: OrderNumber;
    do {
      this.#last = Math.max(this.#last + 1, this.clock.now().getTime() * 10);
      number = OrderNumber.withCheckDigit(this.#last.toString());
    } while (this.orders.find(number));
    this.orders.add(number, new Order(undefined, welcomeAward(number)));
    return number;
  }
}

/**
 * Takes a paid order in and computes its award at once, by the rewards that are in force, so that
 * its goods need not be kept.
 */
export class RegisterOrder {
  constructor(
    private readonly orders: Orders,
    private readonly programme: RewardProgramme,
    private readonly clock: Clock,
  ) {}

  /** @throws ImpossibleSum when the award reaches 10^13 points. */
  execute(number: OrderNumber, goods: readonly Good[]): 'accepted' | 'known-order' {
    if (this.orders.find(number)?.isRegistered) return 'known-order';
    const award = this.programme.awardFor(goods);
    this.orders.add(number, new Order(this.clock.monotonicMs(), award));
    return 'accepted';
  }
}

/** Puts a reward into force for the orders that are registered later. */
export class RegisterReward {
  constructor(private readonly programme: RewardProgramme) {}

  execute(rule: RewardRule): 'registered' | 'known-match' {
    return this.programme.add(rule);
  }
}

export interface CalculationRules {
  /** From registration to the final status, in milliseconds. */
  readonly calculationMs: number;
  /** Whether a request for an unknown order registers it, with a welcome award. */
  readonly rewardUnknown: boolean;
}

/** Reports how far the calculation for an order is. */
export class ReportCalculation {
  constructor(
    private readonly orders: Orders,
    private readonly clock: Clock,
    private readonly rules: CalculationRules,
  ) {}

  /** @returns undefined for an order that is not registered. */
  execute(number: OrderNumber): Calculation | undefined {
    const now = this.clock.monotonicMs();
    const order =
      this.orders.find(number) ?? (this.rules.rewardUnknown ? this.welcome(number) : undefined);
    return order?.calculationAt(now, this.rules.calculationMs);
  }

  private welcome(number: OrderNumber): Order {
    const order = new Order(undefined, welcomeAward(number));
    this.orders.add(number, order);
    return order;
  }
}
