import fc from 'fast-check';
import type { Assignment, Part } from '../part.js';
import { onSite, type Site } from '../support/site.js';
import { AccrualDecisions, anyRuling, OPENING_AWARD, type Ruling } from './accrual-decisions.js';
import { anyBatch, atOnce, audit } from './at-once.js';
import { anyName, anyPlan, inHeader, type Plan, register, upload } from './calls.js';
import { LoyaltyModel } from './loyalty-model.js';
import { Disagreement, Story } from './story.js';

/** Stories drawn from one seed of fast-check; few, so that they start small again and again. */
const STORIES_A_SEED = 20;

/** How long a failure may be shrunk; a story takes 150 ms, or 1 500 with a restart. */
const SHRINK_FOR_MS = 20_000;

/** A failure that is a race may need several attempts to show again in a smaller story. */
const ATTEMPTS_TO_SHRINK = 3;

/** Orders are asked about often and leases are short: no story waits longer than it must. */
const SETTINGS = {
  LOGIN_RATE_LIMIT: '0',
  CASHBACK_TICK_MS: '20',
  CASHBACK_SPACING_MIN_MS: '10',
  CASHBACK_SPACING_MAX_MS: '100',
  CASHBACK_LEASE_MS: '1000',
  CASHBACK_TIMEOUT_MS: '500',
};

export const MODEL: Part = {
  name: 'model',
  meaning: 'random stories of several users against a plain model; a failure is shrunk',
  share: 1,
  byDefault: true,
  run: (assignment) =>
    onSite(assignment, async (site) => {
      for (const name of ['one', 'two']) await site.start(name, { settings: SETTINGS });
      const stories = await playStories(site, assignment);
      return { facts: { stories, ...site.findings.tallies } };
    }),
};

/** Until the time is over, or a story went wrong. @returns how many were played. */
async function playStories(site: Site, assignment: Assignment): Promise<number> {
  let stories = 0;
  let failed: { readonly story: Story; readonly error: unknown } | undefined;
  let endsAt = Date.now() + assignment.seconds * 1_000;
  // Afterwards every story passes unplayed, which also ends a search for a smaller failure.
  const isOver = (): boolean => assignment.stopping.aborted || Date.now() >= endsAt;
  const property = fc.asyncProperty(anyCommands, async (commands) => {
    for (let left = failed ? ATTEMPTS_TO_SHRINK : 1; left > 0 && !isOver(); left--) {
      const story = new Story(stories++, site);
      const search = failed ? ', looking for a smaller one that fails' : '';
      assignment.say(`${stories} stories${search}`);
      try {
        await play(commands, story, isOver);
      } catch (error) {
        if (!failed) endsAt = Date.now() + SHRINK_FOR_MS;
        failed = { story, error };
        throw error;
      }
    }
  });
  for (let seed = assignment.seed; !isOver(); seed++) {
    const details = await fc.check(property, { seed, numRuns: STORIES_A_SEED });
    if (!failed) continue;
    const { story, error } = failed as { story: Story; error: unknown };
    const unexpected = error instanceof Disagreement ? [] : [(error as Error).stack ?? ''];
    site.findings.violation(
      'the service does not do what the model does ' +
        `(fast-check seed ${details.seed}, path ${details.counterexamplePath})`,
      [...story.lines, ...unexpected].join('\n      '),
    );
    break;
  }
  return stories;
}

/** The service and its accrual system, as one story meets them. */
interface Scene {
  readonly story: Story;
  readonly accrual: AccrualDecisions;
  /** Says that the time is over: what is left of the story is not played. */
  readonly isOver: () => boolean;
  /** A restart takes a second: one a story is enough. */
  isRestarted: boolean;
}

/** It keeps nothing: the same step is played again while a story is shrunk. */
type Step = (model: LoyaltyModel, scene: Scene) => Promise<void>;

function makeCall(plan: Plan, replica: number): Step {
  return async (model, { story, accrual }) => {
    await story.demand(model, plan(story, model), replica);
    await accrual.settle(model);
  };
}

/** The accrual system decides, and the worker hears of it. */
function decide(ruling: Ruling): Step {
  return async (model, { accrual }) => {
    accrual.rule(ruling);
    await accrual.settle(model);
  };
}

/** Somebody uploads an order that is decided already: how most points come in. */
function earn(name: string, ruling: Ruling, replica: number): Step {
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
const anyReplicas = fc.constantFrom([0], [1], [0, 1]);

/** A story with a restart takes as long as ten without: most have none. */
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 80, arbitrary: fc.tuple(anyPlan, anyReplica).map((how) => makeCall(...how)) },
  { weight: 20, arbitrary: fc.tuple(anyName, anyRuling, anyReplica).map((how) => earn(...how)) },
  { weight: 10, arbitrary: anyRuling.map(decide) },
  {
    weight: 15,
    arbitrary: anyBatch.map(
      (batch): Step =>
        (model, { story, accrual }) =>
          atOnce(batch, model, story, accrual),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(anySignal, anyReplicas).map((how) => restart(...how)) },
);

const anyCommands = fc.commands<LoyaltyModel, Scene, false>(
  [anyStep.map((step) => new Command(step))],
  { maxCommands: 25, size: 'max', disableReplayLog: true },
);

/** From two registrations and an award to a last look at everything. @throws Disagreement */
async function play(
  commands: Iterable<fc.AsyncCommand<LoyaltyModel, Scene>>,
  story: Story,
  isOver: () => boolean,
): Promise<void> {
  const model = LoyaltyModel.empty();
  const accrual = new AccrualDecisions(story);
  const scene = { story, accrual, isOver, isRestarted: false };
  try {
    for (const [i, name] of ['ann', 'bob'].entries())
      await story.demand(model, register(name)(story, model), i);
    await earn('ann', OPENING_AWARD, 0)(model, scene);
    await fc.asyncModelRun(() => ({ model, real: scene }), commands);
    await audit(model, story);
  } finally {
    accrual.forget(model);
  }
}
