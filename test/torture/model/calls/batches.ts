import fc from 'fast-check';
import { anyRuling } from '../accrual-decisions.js';
import type { Batch } from '../at-once.js';
import {
  anyName,
  anyPayer,
  anyPlan,
  type Plan,
  read,
  register,
  upload,
  withdraw,
} from './calls.js';
import { type NumberPlan, soundNumber } from './numbers.js';
import { soundSum, type SumPlan } from './sums.js';

/** More would make the search for an explanation long: see explanations(). */
const MOST = 8;

const by = (name: string) => ({ name, carrier: 'header' as const });

const anything: fc.Arbitrary<Plan[]> = fc.array(anyPlan, { minLength: 2, maxLength: MOST - 1 });

/** The balance covers some of them, and a reader looks on. */
const oneAccount: fc.Arbitrary<Plan[]> = fc
  .tuple(anyPayer, soundNumber, soundSum, fc.integer({ min: 2, max: 6 }))
  .map(([name, number, sum, count]) => [
    ...Array.from({ length: count }, (_, i) => withdraw(by(name), { ...number, slot: i }, sum)),
    read(by(name), 'balance'),
  ]);

const oneNumber: fc.Arbitrary<Plan[]> = fc
  .tuple(soundNumber, fc.array(anyName, { minLength: 2, maxLength: MOST }))
  .map(([number, names]) =>
    names.map((name, i) => upload(by(name), number, i % 2 === 0 ? 'text' : 'json')),
  );

/** Mostly the same sum of the same user; where not, 409. */
const onePayment: fc.Arbitrary<Plan[]> = fc
  .tuple(
    soundNumber,
    anyPayer,
    soundSum,
    fc.array(fc.tuple(anyOther(), fc.boolean()), { minLength: 2, maxLength: MOST }),
  )
  .map(([number, name, sum, payers]) =>
    payers.map(([other, more]) =>
      withdraw(by(other ?? name), number, more ? aKopeckMore(sum) : sum),
    ),
  );

function anyOther(): fc.Arbitrary<string | undefined> {
  return fc.option(anyName, { nil: undefined, freq: 4 });
}

function aKopeckMore(sum: SumPlan): SumPlan {
  return 'plus' in sum ? { ...sum, plus: sum.plus + 1n } : sum;
}

const oneLogin: fc.Arbitrary<Plan[]> = fc
  .tuple(anyName, fc.array(fc.constantFrom('x', 'y'), { minLength: 2, maxLength: 3 }))
  .map(([name, passwords]) => passwords.map((password) => register(name, password)));

/**
 * Two numbers in opposite orders, as uploads and as payments: what deadlocks where rows are not
 * locked in one order.
 */
const crossed: fc.Arbitrary<Plan[]> = fc
  .tuple(soundNumber, soundSum, fc.boolean())
  .map(([number, sum, paid]) => {
    const other: NumberPlan = { ...number, slot: number.slot === 0 ? 1 : 0 };
    const plan = (name: string, each: NumberPlan): Plan =>
      paid ? withdraw(by(name), each, sum) : upload(by(name), each, 'text');
    return [plan('ann', number), plan('bob', other), plan('ann', other), plan('bob', number)];
  });

const batch = (
  about: string,
  weight: number,
  plans: fc.Arbitrary<Plan[]>,
): fc.WeightedArbitrary<Batch> => ({
  weight,
  arbitrary: fc
    .tuple(plans, fc.option(anyRuling, { nil: undefined, freq: 3 }))
    .map(([each, ruling]) => ({ about, plans: each, ruling })),
});

/** Several users at once. */
export const anyBatch: fc.Arbitrary<Batch> = fc.oneof(
  batch('anything', 3, anything),
  batch('withdrawals from one account', 4, oneAccount),
  batch('uploads of one number', 2, oneNumber),
  batch('payments of one number', 4, onePayment),
  batch('registrations of one login', 1, oneLogin),
  batch('two numbers crossed', 2, crossed),
);
