import fc from 'fast-check';
import { printKopecks } from '../../support/kopecks.js';
import { anyPayer, loginOf, type Plan, whoIs } from './callers.js';
import { atLeastOne, type NumberPlan, soundNumber, writeNumber } from './written.js';

/** For those who read a history as CSV, too. */
const REASON = 'sent back, it was "broken"';

/** What every change of an operator's says, besides what it is about. */
const SAID = ['--by', 'the model', '--json'];

/** An operator's change, as `npm run customer` takes it. */
export function operate(...argv: string[]): readonly string[] {
  return [...argv, ...SAID];
}

/** A sum, seen what the balance is: below zero it is taken. */
type AmountPlan = (balance: bigint) => bigint;

const anyAmount: fc.Arbitrary<AmountPlan> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(1n, 10n, 12_345n, 50_000n).map((sum) => () => sum) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(1n, 2n, 3n).map(
      (parts): AmountPlan =>
        (balance) =>
          -atLeastOne(balance / parts),
    ),
  },
  { weight: 1, arbitrary: fc.constant<AmountPlan>((balance) => -(balance + 1n)) },
);

/** @param slot of the key: few, so that a key comes again. */
export function adjust(name: string, amountPlan: AmountPlan, slot: number): Plan {
  return (story, model) => {
    const who = whoIs(name, model);
    const kopecks = amountPlan(model.balanceOf(who));
    const key = `key ${slot} of story ${story.index}`;
    const reason = `${REASON}, ${key}`;
    const sum = printKopecks(kopecks);
    return {
      kind: 'adjust',
      told: `an operator adjusts ${who} by ${sum} under key ${slot}`,
      request: operate('adjust', loginOf(who, story), sum, '--key', key, '--reason', reason),
      apply: (each, occasion) => each.adjust(who, kopecks, { key, reason }, occasion),
    };
  };
}

/** @param draw picks one of the numbers that were paid for, if there are any. */
export function reverse(plan: NumberPlan, draw?: number): Plan {
  return (story, model) => {
    const paid = draw === undefined ? undefined : model.payment(draw);
    const { number = '' } = paid ?? writeNumber(plan, story.index);
    return {
      kind: 'reverse',
      told: `an operator gives back what was spent on ${number}`,
      request: operate('reverse', number, '--reason', REASON),
      apply: (each, occasion) => each.reverse(number, REASON, occasion),
    };
  };
}

const anySlot = fc.nat({ max: 5 });

/** The same adjustment again and again, as who repeats it without having heard of the first. */
export const adjustments = (name: string, times: number): fc.Arbitrary<Plan[]> =>
  fc
    .tuple(anyAmount, anySlot)
    .map(([amount, slot]) => Array.from({ length: times }, () => adjust(name, amount, slot)));

export const anyCorrection: fc.Arbitrary<Plan> = fc.oneof(
  fc.tuple(anyPayer, anyAmount, anySlot).map((how) => adjust(...how)),
  fc
    .tuple(soundNumber, fc.option(fc.nat(), { freq: 3, nil: undefined }))
    .map((how) => reverse(...how)),
);
