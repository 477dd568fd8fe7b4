import type { AccrualDecisions, Arrival, Ruling } from './accrual-decisions.js';
import { type Plan, read } from './calls/calls.js';
import { disagreement } from './expectation.js';
import { type Event, explanations } from './linearization.js';
import type { LoyaltyModel } from './loyalty-model.js';
import type { Answered, Story } from './story.js';

/**
 * Calls that are made at once, by turns to both replicas, and perhaps a decision that comes in
 * between.
 */
export interface Batch {
  readonly about: string;
  readonly plans: readonly Plan[];
  readonly ruling: Ruling | undefined;
}

const READS = ['orders', 'balance', 'withdrawals'] as const;

/**
 * Makes the calls of a batch and demands that some order of them explains all replies, and all that
 * can be read afterwards.
 */
export async function atOnce(
  { plans, ruling, about }: Batch,
  model: LoyaltyModel,
  story: Story,
  accrual: AccrualDecisions,
): Promise<void> {
  story.stage.count('at once', about);
  const turn = story.nextTurn();
  const calls = plans.map((plan) => plan(story, model));
  if (ruling) accrual.rule(ruling);
  const answers = await Promise.all(calls.map((call, i) => story.make(call, i, turn)));
  story.tell(
    `at once:${answers.map(({ call, reply }) => `\n        ${call.told} → ${reply.status} ${reply.text}`).join('')}`,
  );
  const arrivals = await accrual.arrivals(model);
  const events = [...answers.map(answered), ...arrivals.map(arrived)];
  const afterwards = await readEverything(story, model);
  let problem = 'no order of these calls explains the replies';
  for (const explanation of explanations(model, events)) {
    const different = differences(afterwards, explanation)[0];
    if (different === undefined) {
      model.adopt(explanation);
      return;
    }
    problem = `afterwards ${different}`;
  }
  story.fail(problem);
}

/** Reads everything of everybody and demands that it is as the model says. */
export async function audit(model: LoyaltyModel, story: Story): Promise<void> {
  const [different] = differences(await readEverything(story, model), model);
  if (different !== undefined) story.fail(`everything is read: ${different}`);
}

function readEverything(story: Story, model: LoyaltyModel): Promise<Answered[]> {
  const turn = story.nextTurn();
  const plans = story.signedIn.flatMap((name) =>
    READS.map((what) => read({ name, carrier: 'header' }, what)),
  );
  return Promise.all(plans.map((plan, i) => story.make(plan(story, model), i, turn)));
}

function differences(reads: readonly Answered[], model: LoyaltyModel): string[] {
  return reads.flatMap(({ call, reply, occasion }) => {
    const problem = disagreement(call.apply(model, occasion), reply);
    return problem === undefined ? [] : [`${call.told} → ${problem}`];
  });
}

function answered({ call, reply, occasion }: Answered): Event {
  return {
    sameAs: `${call.told} ${reply.status} ${reply.text}`,
    happen: (model) => disagreement(call.apply(model, occasion), reply) === undefined,
  };
}

function arrived({ number, decision }: Arrival): Event {
  return { sameAs: `${number} settled`, happen: (model) => model.settle(number, decision) };
}
