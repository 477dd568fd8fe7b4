import fc from 'fast-check';
import { anyRuling } from '../accrual-decisions.js';
import type { Batch } from '../at-once.js';
import { anyPlan, read, upload, withdraw } from './calls.js';
import { anyName, anyPayer, inHeader, type Plan } from './callers.js';
import { adjustments, anyCorrection, reverse } from './corrections.js';
import { anyEnd, change, logInAgain, register } from './sessions.js';
import { soundNumber, soundSum, type SumPlan } from './written.js';

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

/** What is given back cannot be paid again, and is given back once. */
const oneReversal: fc.Arbitrary<Pick<Batch, 'plans' | 'then'>> = fc
  .tuple(anyPayer, soundNumber, soundSum, fc.integer({ min: 1, max: 3 }), fc.boolean())
  .map(([name, number, sum, count, isTwice]) => {
    const payments = Array.from({ length: count }, () => withdraw(inHeader(name), number, sum));
    const reversals = Array.from({ length: isTwice ? 2 : 1 }, () => reverse(number));
    const looks = read(inHeader(name), 'withdrawals');
    return {
      plans: [...payments, ...reversals, looks],
      then: [withdraw(inHeader(name), number, sum)],
    };
  });

/** An operator takes, or gives, what the user spends. */
const corrections: fc.Arbitrary<Plan[]> = anyPayer.chain((name) =>
  fc
    .tuple(
      adjustments(name, 3),
      soundNumber,
      many(soundSum, 3),
      fc.option(anyCorrection, { nil: undefined }),
    )
    .map(([adjusted, number, sums, other]) => [
      ...adjusted,
      ...sums.map((sum, i) => withdraw(inHeader(name), { ...number, slot: i }, sum)),
      ...(other ? [other] : []),
    ]),
);

/** Everybody calls as somebody's session ends. */
const ends: fc.Arbitrary<Pick<Batch, 'plans' | 'then'>> = fc
  .constantFrom('ann', 'bob')
  .chain((name) =>
    fc
      .tuple(
        fc.array(anyEnd(fc.constant(name)), { minLength: 1, maxLength: 2 }),
        fc.tuple(soundNumber, soundSum, soundNumber),
        fc.boolean(),
      )
      .map(([ended, [payee, sum, number], isBack]) => ({
        plans: [
          ...ended.map(({ plan }) => plan),
          withdraw(inHeader(name), payee, sum),
          upload(inHeader(name), number, 'text'),
          read(inHeader(name), 'balance'),
          ...(isBack ? [logInAgain(name)] : []),
        ],
        then: [
          ...(ended.some(({ isBlock }) => isBlock)
            ? [withdraw(inHeader(name), { ...payee, digits: 2 }, sum), logInAgain(name)]
            : []),
          change('unblock', name),
          logInAgain(name),
          ...ended.flatMap(({ back }) => back ?? []),
        ],
      })),
  );

const withRuling = (
  about: string,
  weight: number,
  parts: fc.Arbitrary<Pick<Batch, 'plans' | 'then'>>,
) => ({
  weight,
  arbitrary: fc
    .tuple(parts, fc.option(anyRuling, { nil: undefined, freq: 3 }))
    .map(([each, ruling]): Batch => ({ about, ...each, ruling })),
});

const batch = (about: string, weight: number, plans: fc.Arbitrary<Plan[]>) =>
  withRuling(
    about,
    weight,
    plans.map((each) => ({ plans: each, then: [] })),
  );

/** Several users at once. */
export const anyBatch: fc.Arbitrary<Batch> = fc.oneof(
  batch('anything', 6, many(anyPlan, MOST - 1)),
  batch('withdrawals from one account', 8, oneAccount),
  batch('uploads of one number', 4, oneNumber),
  batch('payments of one number', 8, onePayment),
  batch('registrations of one login', 2, oneLogin),
  batch('two numbers crossed', 4, crossed),
  withRuling('a reversal and the same withdrawal', 6, oneReversal),
  batch('corrections and withdrawals', 6, corrections),
  withRuling('the end of a session', 3, ends),
);
