import fc from 'fast-check';
import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';
import { printKopecks } from '../../support/kopecks.js';

/** An order number as a client writes it. */
export interface WrittenNumber {
  /** What is sent. */
  readonly text: string;
  /** What the service must read; undefined where it must refuse. */
  readonly number?: string;
  /** White space only, or nothing at all: 400 instead of 422. */
  readonly blank: boolean;
}

/** How to write the number that a story calls 0, 1, 2 … */
export interface NumberPlan {
  readonly slot: number;
  /** Zeros in front make another number, as valid as the first. */
  readonly digits: 0 | 1 | 2 | 1000;
  readonly damage?: (number: string) => string;
  readonly around: readonly [string, string];
}

const SLOTS = 6;
/** A number that none of the plans draws. */
export const UNUSED_NUMBER: NumberPlan = { slot: SLOTS, digits: 0, around: ['', ''] };

const DAMAGES: readonly ((number: string) => string)[] = [
  (number) => number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10),
  (number) => `${number}a`,
  (number) => `-${number}`,
  (number) => `${number.slice(0, 1)} ${number.slice(1)}`,
  (number) => number.padStart(1001, '0'),
  // Arabic digits are digits to \d of other languages.
  (number) => number.replace(/\d$/, '٣'),
  () => '',
  () => ' \t',
];

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

export const soundNumber: fc.Arbitrary<NumberPlan> = fc.record({
  slot: fc.nat({ max: SLOTS - 1 }),
  digits: fc.oneof(
    weighted(12, fc.constant(0 as const)),
    weighted(1, fc.constantFrom(1 as const, 2 as const, 1000 as const)),
  ),
  around: fc.oneof(
    weighted(12, fc.constant(['', ''] as const)),
    weighted(1, fc.constantFrom([' ', ''] as const, ['\t', ' \r\n'] as const)),
  ),
});

export const anyNumber: fc.Arbitrary<NumberPlan> = fc.oneof(
  weighted(9, soundNumber),
  weighted(
    1,
    fc
      .tuple(soundNumber, fc.constantFrom(...DAMAGES))
      .map(([plan, damage]) => ({ ...plan, damage })),
  ),
);

/** @param story numbers are unique for ever: each of a million stories has its own. */
export function writeNumber(
  { slot, digits, damage, around: [before, after] }: NumberPlan,
  story: number,
): WrittenNumber {
  const base = OrderNumber.withCheckDigit(`${1_000_000 + story}${slot}`).value;
  const number = digits === 1000 ? base.padStart(digits, '0') : '0'.repeat(digits) + base;
  if (!damage) return { text: before + number + after, number, blank: false };
  const text = before + damage(number) + after;
  return { text, blank: text.trim() === '' };
}

/** A sum as it stands in the JSON that is sent. */
export interface WrittenSum {
  readonly token: string;
  /** What it means; undefined where no withdrawal can have it. */
  readonly kopecks?: bigint;
  /** Not a JSON number at all: 400 instead of 422. */
  readonly malformed: boolean;
}

/** What a sum depends on when its call is made. */
interface Books {
  readonly balance: bigint;
  /** The payment already made for the number, if any. */
  readonly paid: bigint | undefined;
}

/** @param plus kopecks more than planned. */
export type SumPlan = (books: Books, plus?: bigint) => WrittenSum;

const LIMIT = 10n ** 15n;

/** Each writes the same number of kopecks, all legal JSON. */
const STYLES: readonly ((kopecks: bigint) => string)[] = [
  printKopecks,
  (kopecks) => printKopecks(kopecks).replace(/\.?0+$/, ''),
  (kopecks) => `${printKopecks(kopecks)}000000000000000000000`,
  (kopecks) => `${kopecks}e-2`,
  (kopecks) => `${kopecks * 100n}E-0004`,
  (kopecks) => `${printKopecks(kopecks)}e+0`,
];

/** A poor account asks for a kopeck, and is refused for want of it, not for a sum of nothing. */
export const atLeastOne = (kopecks: bigint): bigint => (kopecks > 0n ? kopecks : 1n);

const AWKWARD = [1n, 10n, 29n, 100n, 1_005n, 1_610n, 72_998n, LIMIT - 1n, LIMIT];

/** A sum that may be withdrawn, if there is as much: what it is, and how it is written. */
export const soundSum: fc.Arbitrary<SumPlan> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(0n, 0n, 0n, 1n, -1n).map(
        (plus) =>
          ({ balance, paid }: Books) =>
            (paid ?? atLeastOne(balance / 2n)) + plus,
      ),
      fc.constantFrom(0n, 1n, -1n, 100n, -100n).map(
        (plus) =>
          ({ balance }: Books) =>
            balance + plus,
      ),
      fc.constantFrom(2n, 3n, 4n).map(
        (parts) =>
          ({ balance }: Books) =>
            atLeastOne(balance / parts),
      ),
      fc.constantFrom(...AWKWARD).map((kopecks) => () => kopecks),
    ),
    fc.constantFrom(...STYLES),
  )
  .map(([of, style]) => (books, plus = 0n) => {
    const kopecks = of(books) + plus;
    const isPossible = kopecks > 0n && kopecks <= LIMIT;
    return { token: style(kopecks), malformed: false, ...(isPossible && { kopecks }) };
  });

const IMPOSSIBLE = '0 -0 -0.00 0e5 -1 -0.01 0.001 1.005 1e-3 1e-400 10000000000000.01 1.1e13 1e309';
const MALFORMED = 'null "1" true [1] {} 01 +1 .5 1. NaN 0x10 1_000';

const badSum = (tokens: string, malformed: boolean): fc.Arbitrary<SumPlan> =>
  fc.constantFrom(...tokens.split(' ')).map((token) => () => ({ token, malformed }));

export const anySum: fc.Arbitrary<SumPlan> = fc.oneof(
  weighted(18, soundSum),
  weighted(1, badSum(IMPOSSIBLE, false)),
  weighted(1, badSum(MALFORMED, true)),
);
