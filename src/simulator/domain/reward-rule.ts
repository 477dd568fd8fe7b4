import { ExactDecimal } from './exact-decimal.js';

/** A line of an order; the price is in roubles. */
export interface Good {
  readonly description: string;
  readonly price: ExactDecimal;
}

/**
 * Per cent of the price, or a fixed number of points for each matching good, whatever its price.
 */
export type RewardType = '%' | 'pt';

/** What goods with `match` in their description earn; capital and small letters differ. */
export class RewardRule {
  constructor(
    readonly match: string,
    private readonly reward: ExactDecimal,
    private readonly type: RewardType,
  ) {}

  matches(good: Good): boolean {
    return good.description.includes(this.match);
  }

  /** Points, not rounded. */
  rewardFor(good: Good): ExactDecimal {
    return this.type === 'pt'
      ? this.reward
      : good.price.times(this.reward).times(ExactDecimal.HUNDREDTH);
  }
}
