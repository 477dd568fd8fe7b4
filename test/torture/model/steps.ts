import { AccrualDecisions, type Ruling } from './accrual-decisions.js';
import { atOnce, audit, type Batch } from './at-once.js';
import { type Plan, upload } from './calls/calls.js';
import type { LoyaltyModel } from './loyalty-model.js';
import type { Story } from './story.js';

/** The service and its accrual system, as one story meets them. */
export class Scene {
  readonly accrual: AccrualDecisions;
  #restarted = false;

  constructor(
    readonly story: Story,
    /** Says that the time is over: what is left of the story is not played. */
    readonly isOver: () => boolean,
  ) {
    this.accrual = new AccrualDecisions(story);
  }

  /** True the first time: a restart takes a second, and one a story is enough. */
  takeRestart(): boolean {
    return !this.#restarted && (this.#restarted = true);
  }
}

/**
 * A step of a story: it keeps nothing, for the same step may be played again while a story is
 * shrunk.
 */
export type Step = (model: LoyaltyModel, scene: Scene) => Promise<void>;

export function makeCall(plan: Plan, replica: number): Step {
  return async (model, { story, accrual }) => {
    await story.demand(model, plan(story, model), replica);
    await accrual.settle(model);
  };
}

/** The accrual system decides, and the worker hears of it. */
export function decide(ruling: Ruling): Step {
  return async (model, { accrual }) => {
    accrual.rule(ruling);
    await accrual.settle(model);
  };
}

/** Somebody uploads an order that is decided already: how most points come in. */
export function earn(name: string, ruling: Ruling, replica: number): Step {
  return async (model, scene) => {
    scene.accrual.rule(ruling);
    await makeCall(upload({ name, carrier: 'header' }, ruling.plan, 'text'), replica)(model, scene);
  };
}

/** Several users at once. */
export function makeCallsAtOnce(batch: Batch): Step {
  return (model, { story, accrual }) => atOnce(batch, model, story, accrual);
}

/** After it everything is as it was. */
export function restart(signal: 'SIGTERM' | 'SIGKILL', which: readonly number[]): Step {
  return async (model, scene) => {
    if (!scene.takeRestart()) return;
    const { story } = scene;
    story.stage.count('restart', signal);
    const codes = await story.stage.restart(which, signal);
    story.tell(
      `${which.length === 2 ? 'both replicas are' : 'a replica is'} restarted by ${signal}`,
    );
    const expected = signal === 'SIGTERM' ? 0 : null;
    if (codes.some((code) => code !== expected))
      story.fail(`exit codes after ${signal}: ${codes.join(', ')}`);
    await audit(model, story);
  };
}
