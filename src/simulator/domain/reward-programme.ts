import type { Money } from '../../shared/domain/money.js';
import { ExactDecimal } from './exact-decimal.js';
import type { Good, RewardRule } from './reward-rule.js';

/**
 * All rules that are in force. Beyond `capacity` the oldest lapses: a simulator may run for months
 * in front of test suites.
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
