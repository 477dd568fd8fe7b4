import fc from 'fast-check';
import { anyRuling, award } from './accrual-decisions.js';
import { audit } from './at-once.js';
import { anyBatch } from './calls/batches.js';
import { anyName, anyPlan, register } from './calls/calls.js';
import { LoyaltyModel } from './loyalty-model.js';
import { decide, earn, makeCall, makeCallsAtOnce, restart, Scene, type Step } from './steps.js';
import type { Story } from './story.js';

/** A step as fast-check wants it. */
class Command implements fc.AsyncCommand<LoyaltyModel, Scene> {
  constructor(private readonly step: Step) {}

  check(): boolean {
    return true;
  }

  async run(model: LoyaltyModel, scene: Scene): Promise<void> {
    if (!scene.isOver()) await this.step(model, scene);
  }

  /** A story is told by what happened in it, not by what was planned. */
  toString(): string {
    return 'step';
  }
}

const anyReplica = fc.nat({ max: 1 });
const anySignal = fc.constantFrom<('SIGTERM' | 'SIGKILL')[]>('SIGTERM', 'SIGKILL');

/** A story with a restart takes as long as ten without: most have none. */
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 80, arbitrary: fc.tuple(anyPlan, anyReplica).map((how) => makeCall(...how)) },
  { weight: 20, arbitrary: fc.tuple(anyName, anyRuling, anyReplica).map((how) => earn(...how)) },
  { weight: 10, arbitrary: anyRuling.map(decide) },
  { weight: 15, arbitrary: anyBatch.map(makeCallsAtOnce) },
  {
    weight: 1,
    arbitrary: fc.tuple(anySignal, fc.constantFrom([0], [1], [0, 1])).map((how) => restart(...how)),
  },
);

export const anyCommands = fc.commands<LoyaltyModel, Scene, false>(
  [anyStep.map((step) => new Command(step))],
  {
    maxCommands: 25,
    size: 'max',
    disableReplayLog: true,
  },
);

/** Without points to begin with, four withdrawals of five were refused. */
const OPENING_AWARD = award('500', 50_000n);

/**
 * Plays a story, from two registrations and an award to a last look at everything. @throws
 * Disagreement
 */
export async function play(
  commands: Iterable<fc.AsyncCommand<LoyaltyModel, Scene>>,
  story: Story,
  isOver: () => boolean,
): Promise<void> {
  const model = LoyaltyModel.empty();
  const scene = new Scene(story, isOver);
  try {
    await Promise.all(
      ['ann', 'bob'].map((name, i) => story.demand(model, register(name)(story, model), i)),
    );
    await earn('ann', OPENING_AWARD, 0)(model, scene);
    await fc.asyncModelRun(() => ({ model, real: scene }), commands);
    await audit(model, story);
  } finally {
    scene.accrual.forget(model);
  }
}
