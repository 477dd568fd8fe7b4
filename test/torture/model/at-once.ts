import fc from 'fast-check';
import { READS } from '../../support/http/client.js';
import { type AccrualDecisions, anyRuling, type Ruling } from './accrual-decisions.js';
import {
  anyName,
  anyPayer,
  anyPlan,
  inHeader,
  type Plan,
  read,
  register,
  upload,
  withdraw,
} from './calls.js';
import { disagreement } from './expectation.js';
import type { LoyaltyModel } from './loyalty-model.js';
import type { Answered, Story } from './story.js';
import { soundNumber, soundSum, type SumPlan } from './written.js';

/** Calls that are made at once, by turns to both replicas, and perhaps a decision between them. */
export interface Batch {
  readonly about: string;
  readonly plans: readonly Plan[];
  readonly ruling: Ruling | undefined;
}

/** Makes them and demands that some order of them explains all replies, and all reads after. */
export async function atOnce(
  { plans, ruling, about }: Batch,
  model: LoyaltyModel,
  story: Story,
  accrual: AccrualDecisions,
): Promise<void> {
  story.site.findings.tally('at once', about);
  const turn = story.nextTurn();
  const calls = plans.map((plan) => plan(story, model));
  if (ruling) accrual.rule(ruling);
  const answers = await Promise.all(calls.map((call, i) => story.make(call, i, turn)));
  const lines = answers.map(
    ({ call, reply }) => `\n        ${call.told} → ${reply.status} ${reply.text}`,
  );
  story.tell(`at once:${lines.join('')}`);
  const events = answers.map(({ call, reply, occasion }) => ({
    sameAs: `${call.told} ${reply.status} ${reply.text}`,
    happen: (each: LoyaltyModel) => disagreement(call.apply(each, occasion), reply) === undefined,
  }));
  const arrivals = (await accrual.arrivals(model)).map(({ number, decision }) => ({
    sameAs: `${number} settled`,
    happen: (each: LoyaltyModel) => each.settle(number, decision),
  }));
  const afterwards = await readEverything(story, model);
  let problem = 'no order of these calls explains the replies';
  for (const explanation of explanations(model, [...events, ...arrivals])) {
    const [different] = differences(afterwards, explanation);
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
  const plans = story.signedIn.flatMap((name) => READS.map((what) => read(inHeader(name), what)));
  return Promise.all(plans.map((plan, i) => story.make(plan(story, model), i, turn)));
}

function differences(reads: readonly Answered[], model: LoyaltyModel): string[] {
  return reads.flatMap(({ call, reply, occasion }) => {
    const problem = disagreement(call.apply(model, occasion), reply);
    return problem === undefined ? [] : [`${call.told} → ${problem}`];
  });
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

/** More would make the search for an explanation long. */
const MOST = 8;

const many = <T>(arbitrary: fc.Arbitrary<T>, maxLength = MOST): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength: 2, maxLength });

/** The balance covers some of them, and a reader looks on. */
const oneAccount: fc.Arbitrary<Plan[]> = fc
  .tuple(anyPayer, soundNumber, soundSum, fc.integer({ min: 2, max: 6 }))
  .map(([name, number, sum, count]) => [
    ...Array.from({ length: count }, (_, i) =>
      withdraw(inHeader(name), { ...number, slot: i }, sum),
    ),
    read(inHeader(name), 'balance'),
  ]);

const oneNumber: fc.Arbitrary<Plan[]> = fc
  .tuple(soundNumber, many(anyName))
  .map(([number, names]) =>
    names.map((name, i) => upload(inHeader(name), number, i % 2 === 0 ? 'text' : 'json')),
  );

/** Mostly the same sum of the same user; where not, 409. */
const onePayment: fc.Arbitrary<Plan[]> = fc
  .tuple(
    soundNumber,
    anyPayer,
    soundSum,
    many(fc.tuple(fc.option(anyName, { nil: undefined, freq: 4 }), fc.boolean())),
  )
  .map(([number, name, sum, payers]) =>
    payers.map(([other, more]) =>
      withdraw(inHeader(other ?? name), number, more ? aKopeckMore(sum) : sum),
    ),
  );

function aKopeckMore(sum: SumPlan): SumPlan {
  return (books) => sum(books, 1n);
}

const oneLogin: fc.Arbitrary<Plan[]> = fc
  .tuple(anyName, many(fc.constantFrom('x', 'y'), 3))
  .map(([name, passwords]) => passwords.map((password) => register(name, password)));

/** Two numbers in opposite orders: a deadlock where rows are not locked in one order. */
const crossed: fc.Arbitrary<Plan[]> = fc
  .tuple(soundNumber, soundSum, fc.boolean())
  .map(([number, sum, isPaid]) => {
    const other = { ...number, slot: number.slot === 0 ? 1 : 0 };
    const plan = (name: string, each: typeof number): Plan =>
      isPaid ? withdraw(inHeader(name), each, sum) : upload(inHeader(name), each, 'text');
    return [plan('ann', number), plan('bob', other), plan('ann', other), plan('bob', number)];
  });

const batch = (about: string, weight: number, plans: fc.Arbitrary<Plan[]>) => ({
  weight,
  arbitrary: fc
    .tuple(plans, fc.option(anyRuling, { nil: undefined, freq: 3 }))
    .map(([each, ruling]): Batch => ({ about, plans: each, ruling })),
});

/** Several users at once. */
export const anyBatch: fc.Arbitrary<Batch> = fc.oneof(
  batch('anything', 3, many(anyPlan, MOST - 1)),
  batch('withdrawals from one account', 4, oneAccount),
  batch('uploads of one number', 2, oneNumber),
  batch('payments of one number', 4, onePayment),
  batch('registrations of one login', 1, oneLogin),
  batch('two numbers crossed', 2, crossed),
);
