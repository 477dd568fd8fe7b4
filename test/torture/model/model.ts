import fc from 'fast-check';
import { reconcile } from '../../support/database/reconciliation.js';
import type { Assignment, Part } from '../part.js';
import { Operator } from '../support/operator.js';
import { onSite } from '../support/site.js';
import { AccrualDecisions, OPENING_AWARD } from './accrual-decisions.js';
import { audit } from './at-once.js';
import { register } from './plans/sessions.js';
import { LoyaltyModel } from './reference/loyalty-model.js';
import { anyStep, earn, everybodyBack, type Scene, type Step } from './steps.js';
import { Disagreement, type Stage, Story } from './story.js';

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
      const operator = await Operator.start(site.database.uri());
      try {
        const stories = await playStories({ site, operator }, assignment);
        const { differences } = await reconcile(site.database.uri());
        for (const each of differences) site.findings.violation(`the books: ${each}`);
        return { facts: { stories, ...site.findings.tallies } };
      } finally {
        await operator.stop();
      }
    }),
};

/** Until the time is over, or a story went wrong. @returns how many were played. */
async function playStories(stage: Stage, assignment: Assignment): Promise<number> {
  let stories = 0;
  let failed: { readonly story: Story; readonly error: unknown } | undefined;
  let endsAt = Date.now() + assignment.seconds * 1_000;
  // Afterwards every story passes unplayed, which also ends a search for a smaller failure.
  const isOver = (): boolean => assignment.stopping.aborted || Date.now() >= endsAt;
  const property = fc.asyncProperty(anyCommands, async (commands) => {
    for (let left = failed ? ATTEMPTS_TO_SHRINK : 1; left > 0 && !isOver(); left--) {
      const story = new Story(stories++, stage);
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
    stage.site.findings.violation(
      'the service does not do what the model does ' +
        `(fast-check seed ${details.seed}, path ${details.counterexamplePath})`,
      [...story.lines, ...unexpected].join('\n      '),
    );
    break;
  }
  return stories;
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
    await everybodyBack(model, scene);
    await audit(model, story);
  } finally {
    accrual.forget(model);
  }
}
