import fc from 'fast-check';
import { type AccrualDecisions, anyRuling, type Ruling } from './accrual-decisions.js';
import { atOnce, audit } from './at-once.js';
import { anyBatch } from './plans/batches.js';
import { anyPlan, upload } from './plans/calls.js';
import { anyName, inHeader, NAMES, type Plan } from './plans/callers.js';
import { anyEnd, change, type End, logInAgain } from './plans/sessions.js';
import { soundNumber } from './plans/written.js';
import type { LoyaltyModel } from './reference/loyalty-model.js';
import type { Story } from './story.js';
import { anyLookBack, anyWalk } from './walk.js';

/** The service and its accrual system, as one story meets them. */
export interface Scene {
  readonly story: Story;
  readonly accrual: AccrualDecisions;
  /** Says that the time is over: what is left of the story is not played. */
  readonly isOver: () => boolean;
  /** A restart takes a second: one a story is enough. */
  isRestarted: boolean;
}

/** It keeps nothing: the same step is played again while a story is shrunk. */
export type Step = (model: LoyaltyModel, scene: Scene) => Promise<void>;

export function makeCall(plan: Plan, replica: number): Step {
  return async (model, { story, accrual }) => {
    await story.demand(model, plan(story, model), replica);
    await accrual.settle(model);
  };
}

/**
 * The accrual system decides, and the worker hears of it.
 *
 * @param draw picks one of the orders that wait for it, if there are any.
 */
function decide(ruling: Ruling, draw?: number): Step {
  return async (model, { story, accrual }) => {
    story.nextTurn();
    const waiting = model.unfinished;
    accrual.rule(ruling, draw === undefined ? undefined : waiting[draw % waiting.length]);
    await accrual.settle(model);
  };
}

/** Somebody uploads an order that is decided already: how most points come in. */
export function earn(name: string, ruling: Ruling, replica: number): Step {
  return async (model, scene) => {
    scene.accrual.rule(ruling);
    await makeCall(upload(inHeader(name), ruling.plan, 'text'), replica)(model, scene);
  };
}

/** After it everything is as it was. */
function restart(signal: 'SIGTERM' | 'SIGKILL', which: readonly number[]): Step {
  return async (model, scene) => {
    if (scene.isRestarted) return;
    scene.isRestarted = true;
    const { story } = scene;
    const { findings, services } = story.site;
    findings.tally('restart', signal);
    const codes = await Promise.all(
      which.map(async (each) => {
        const code = await services[each]?.end(signal);
        await services[each]?.start();
        return code;
      }),
    );
    story.tell(`${which.length} of two replicas restarted by ${signal}`);
    if (codes.some((code) => code !== (signal === 'SIGTERM' ? 0 : null)))
      story.fail(`exit codes after ${signal}: ${codes.join(', ')}`);
    await audit(model, story);
  };
}

/** Sessions end, and every replica refuses them. Mostly whoever it was comes back at once. */
function end({ plan }: End, replica: number, isBack: boolean): Step {
  return async (model, scene) => {
    await makeCall(plan, replica)(model, scene);
    if (isBack) await everybodyBack(model, scene);
  };
}

/** Who is blocked is let in, and who has no session signs in: so that everything can be read. */
export async function everybodyBack(model: LoyaltyModel, scene: Scene): Promise<void> {
  const { access } = model;
  const { story } = scene;
  for (const name of NAMES) {
    if (access.isBlocked(name)) await makeCall(change('unblock', name), 0)(model, scene);
    const { session = '' } = story.sessionOf(name) ?? {};
    if (access.idOf(name) !== undefined && access.stateOf(session, story.turn) !== 'live')
      await makeCall(logInAgain(name), 1)(model, scene);
  }
}

const anyReplica = fc.nat({ max: 1 });
const anySignal = fc.constantFrom<('SIGTERM' | 'SIGKILL')[]>('SIGTERM', 'SIGKILL');
const anyReplicas = fc.constantFrom([0], [1], [0, 1]);

const anyDecision = fc
  .tuple(anyRuling, fc.option(fc.nat(), { nil: undefined, freq: 1 }))
  .map((how) => decide(...how));

const anyQuickStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 80, arbitrary: fc.tuple(anyPlan, anyReplica).map((how) => makeCall(...how)) },
  { weight: 20, arbitrary: fc.tuple(anyName, anyRuling, anyReplica).map((how) => earn(...how)) },
  { weight: 10, arbitrary: anyDecision },
);

/** Mostly of a number that nothing was decided about. */
const anyUpload = (name: string): fc.Arbitrary<Step> =>
  fc
    .tuple(soundNumber, anyReplica)
    .map(([number, replica]) => makeCall(upload(inHeader(name), number, 'text'), replica));

/**
 * A story with a restart takes as long as ten without, and replicas need half a second to hear of
 * the end of a session: most have none.
 */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 110, arbitrary: anyQuickStep },
  { weight: 12, arbitrary: anyWalk(anyUpload, fc.oneof(anyQuickStep, anyDecision)) },
  { weight: 10, arbitrary: anyLookBack },
  {
    weight: 18,
    arbitrary: anyBatch.map(
      (batch): Step =>
        (model, { story, accrual }) =>
          atOnce(batch, model, story, accrual),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.oneof(
          { weight: 4, arbitrary: anyEnd() },
          { weight: 1, arbitrary: anyName.map((name): End => ({ plan: change('forget', name) })) },
        ),
        anyReplica,
        fc.nat({ max: 3 }).map((draw) => draw > 0),
      )
      .map((how) => end(...how)),
  },
  { weight: 1, arbitrary: fc.tuple(anySignal, anyReplicas).map((how) => restart(...how)) },
);
