import type { Round } from '../measure/round.js';
import type { Stage } from '../stage/stage.js';
import type { Contender } from './contenders.js';

export interface Length {
  readonly rounds: number;
  readonly seconds: number;
  /** 0 where that was done before. */
  readonly warmUpSeconds: number;
}

/** Everybody's rounds, in the order of the turns. */
type Rounds<Contenders> = {
  [Name in keyof Contenders]: Contenders[Name] extends Contender<infer R> ? R[] : never;
};

/**
 * Warms everybody up, then gives each a round in turn, there and back again: what slows the machine
 * down for a while slows all of them. A figure is the median of what the rounds of one turn say of
 * each other.
 */
export async function contest<Contenders extends Readonly<Record<string, Contender>>>(
  stage: Stage,
  contenders: Contenders,
  { rounds, seconds, warmUpSeconds }: Length,
): Promise<Rounds<Contenders>> {
  const all = Object.entries(contenders).map(([name, contender]) => ({
    name,
    contender,
    seen: [] as Round[],
  }));
  for (const { name, contender } of warmUpSeconds > 0 ? all : []) {
    stage.say(`warming up: ${name}`);
    await contender(warmUpSeconds);
  }
  for (let turn = 1; turn <= rounds; turn++) {
    for (const { name, contender, seen } of turn % 2 === 1 ? all : all.toReversed()) {
      stage.say(`round ${turn} of ${rounds}: ${name}`);
      seen.push(await contender(seconds));
    }
  }
  return Object.fromEntries(all.map(({ name, seen }) => [name, seen])) as Rounds<Contenders>;
}

/** Where a goal is a ratio to the limit. */
export function coreLength({ options: { rounds, seconds, warmUpSeconds } }: Stage): Length {
  return { rounds, seconds, warmUpSeconds };
}

/** Where the service is compared with itself. */
export function sideLength({ options: { sideRounds, sideSeconds } }: Stage): Length {
  return { rounds: sideRounds, seconds: sideSeconds, warmUpSeconds: 1 };
}
