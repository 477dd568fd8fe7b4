import type { AccrualDecisions, Ruling } from './accrual-decisions.js';
import { READS, read } from './plans/calls.js';
import { inHeader, type Plan } from './plans/callers.js';
import { disagreement } from './reference/expectation.js';
import type { LoyaltyModel } from './reference/loyalty-model.js';
import type { Answered, Story } from './story.js';

/** Calls that are made at once, by turns to both replicas, and perhaps a decision between them. */
export interface Batch {
  readonly about: string;
  readonly plans: readonly Plan[];
  /** Made afterwards, one after another. */
  readonly then: readonly Plan[];
  readonly ruling: Ruling | undefined;
}

/** Makes them and demands that some order of them explains all replies, and all reads after. */
export async function atOnce(
  { plans, then, ruling, about }: Batch,
  model: LoyaltyModel,
  story: Story,
  accrual: AccrualDecisions,
): Promise<void> {
  story.site.findings.tally('at once', about);
  const turn = story.nextTurn();
  const calls = plans.map((plan) => plan(story, model));
  if (ruling) accrual.rule(ruling);
  const answers = await Promise.all(calls.map((call, i) => story.make(call, i, turn)));
  const events = answers.map((answered) => ({
    sameAs: [answered.call.session, answered.call.begins?.session, told(answered)].join(' '),
    happen: (each: LoyaltyModel) => different(answered, each) === undefined,
  }));
  const arrivals = (await accrual.arrivals(model)).map(({ number, decision, occasion }) => ({
    sameAs: `${number} settled`,
    happen: (each: LoyaltyModel) => each.settle(number, decision, occasion),
  }));
  story.tell(`at once:${answers.map((each) => `\n        ${told(each)}`).join('')}`);
  const afterwards: Answered[] = [];
  for (const plan of then)
    afterwards.push(await story.make(plan(story, model), 0, story.nextTurn()));
  for (const each of afterwards) story.tell(`then ${told(each)}`);
  afterwards.push(...(await readEverything(story, model)));
  let problem = 'no order of these calls explains the replies';
  for (const explanation of explanations(model, [...events, ...arrivals])) {
    const wrong = firstDifference(afterwards, explanation);
    if (wrong === undefined) {
      model.adopt(explanation);
      return story.untilRefused(model, turn);
    }
    problem = `afterwards ${wrong}`;
  }
  story.fail(problem);
}

function told({ call, reply }: Answered): string {
  return `${call.told} → ${reply.status} ${reply.text}`;
}

/** Reads everything of everybody and demands that it is as the model says. */
export async function audit(model: LoyaltyModel, story: Story): Promise<void> {
  const wrong = firstDifference(await readEverything(story, model), model);
  if (wrong !== undefined) story.fail(`everything is read: ${wrong}`);
}

function readEverything(story: Story, model: LoyaltyModel): Promise<Answered[]> {
  const turn = story.nextTurn();
  const plans = story.known.flatMap((name) => READS.map((what) => read(inHeader(name), what)));
  return Promise.all(plans.map((plan, i) => story.make(plan(story, model), i, turn)));
}

/** Applies them to the model, one after another, until one does not fit. */
function firstDifference(answers: readonly Answered[], model: LoyaltyModel): string | undefined {
  for (const answered of answers) {
    const problem = different(answered, model);
    if (problem !== undefined) return `${answered.call.told} → ${problem}`;
  }
  return undefined;
}

function different({ call, reply, occasion }: Answered, model: LoyaltyModel): string | undefined {
  return disagreement(call.apply(model, occasion, reply), reply);
}
/** Something that happened at an unknown point between the others. */
interface Event {
  /** Equal for events that may stand in for each other: not every order of them is tried. */
  readonly sameAs: string;
  /** Changes the model. False: it cannot have happened now, seeing what was replied. */
  readonly happen: (model: LoyaltyModel) => boolean;
}

/**
 * Every state the model can be in after `left`, all made at once, happened one after another in an
 * order that explains each reply. None: no service does so that handles one call after another.
 *
 * It is Wing and Gong's search with Lowe's memory: a state met before, with the same events left,
 * leads nowhere new. Replies narrow the states down: eight events visit some hundred, not 8!.
 */
function* explanations(
  model: LoyaltyModel,
  left: readonly Event[],
  visited = new Set<string>(),
): Generator<LoyaltyModel> {
  const state = `${left.map(({ sameAs }) => sameAs).join('\n')}\n${model.fingerprint}`;
  if (visited.has(state)) return;
  visited.add(state);
  if (left.length === 0) yield model;
  const tried = new Set<string>();
  for (const [i, event] of left.entries()) {
    if (tried.has(event.sameAs)) continue;
    tried.add(event.sameAs);
    const next = model.clone();
    if (event.happen(next)) yield* explanations(next, left.toSpliced(i, 1), visited);
  }
}
