import type { Clock } from '../../shared/application/clock.js';
import type { OrderNumber } from '../../shared/domain/order-number.js';
import { Order } from '../domain/order.js';
import type { RewardProgramme } from '../domain/reward-programme.js';
import type { Good } from '../domain/reward-rule.js';
import type { Orders } from './orders.js';

/**
 * Takes a paid order in and judges it by the rewards in force at this moment, so that its goods
 * need not be kept.
 */
export class RegisterOrder {
  constructor(
    private readonly orders: Orders,
    private readonly programme: RewardProgramme,
    private readonly clock: Clock,
  ) {}

  /** @throws ImpossibleSum when the award reaches 10^13 points. */
  execute(number: OrderNumber, goods: readonly Good[]): 'accepted' | 'known-order' {
    if (this.orders.find(number)) return 'known-order';
    const award = this.programme.awardFor(goods);
    this.orders.add(number, new Order(this.clock.now().getTime(), award));
    return 'accepted';
  }
}
