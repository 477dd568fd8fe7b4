import type { RewardProgramme } from '../domain/reward-programme.js';
import type { RewardRule } from '../domain/reward-rule.js';

/** Puts a reward into force, for the orders that are registered after it. */
export class RegisterReward {
  constructor(private readonly programme: RewardProgramme) {}

  execute(rule: RewardRule): 'registered' | 'known-match' {
    return this.programme.add(rule);
  }
}
