import type { Money } from '../../kernel/domain/money.js';
import { ExactDecimal } from './exact-decimal.js';

/** A line of an order; the price is in roubles. */
export interface Good {
  readonly description: string;
  readonly price: ExactDecimal;
}

/** Per cent of the price, or a fixed number of points for each matching good. */
export type RewardType = '%' | 'pt';

/** What goods with `match` in their description earn. Capital and small letters differ. */
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

/**
 * All rules that are in force. Beyond `capacity` the oldest is dropped: a simulator may serve test
 * suites for months.
 */
export class RewardProgramme {
  readonly #rules = new Map<string, RewardRule>();

  constructor(private readonly capacity = 10_000) {}

  add(rule: RewardRule): 'registered' | 'known-match' {
    if (this.#rules.has(rule.match)) return 'known-match';
    this.#rules.set(rule.match, rule);
    if (this.#rules.size > this.capacity) {
      const [oldest] = this.#rules.keys();
      if (oldest !== undefined) this.#rules.delete(oldest);
    }
    return 'registered';
  }

  /**
   * Every rule for every good it matches, added up exactly and rounded half up once, at the end.
   *
   * @returns undefined where no good matches any rule.
   * @throws ImpossibleSum at 10^13 points and beyond.
   */
  awardFor(goods: readonly Good[]): Money | undefined {
    const rewards = goods.flatMap((good) =>
      [...this.#rules.values()]
        .filter((rule) => rule.matches(good))
        .map((rule) => rule.rewardFor(good)),
    );
    if (rewards.length === 0) return undefined;
    return rewards.reduce((sum, reward) => sum.plus(reward), ExactDecimal.ZERO).rounded();
  }
}
