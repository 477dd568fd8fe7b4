import fc from 'fast-check';
import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';

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
  readonly zeros: 0 | 1 | 2 | 'to 1000 digits';
  readonly damage: keyof typeof DAMAGES | undefined;
  readonly around: readonly [string, string];
}

const SLOTS = 6;

const DAMAGES = {
  'another check digit': (number: string) =>
    number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10),
  'a letter': (number: string) => `${number}a`,
  'a minus': (number: string) => `-${number}`,
  'a space within': (number: string) => `${number.slice(0, 1)} ${number.slice(1)}`,
  'one digit too many': (number: string) => number.padStart(1001, '0'),
  // Arabic digits are digits to \d of other languages, and to Number's friends in some.
  'a digit of another script': (number: string) => number.replace(/\d$/, '٣'),
  nothing: () => '',
  'white space only': () => ' \t',
} as const;

const AROUND = [
  ['', ''],
  [' ', ''],
  ['\t', ' \r\n'],
] as const;

const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> => ({
  weight,
  arbitrary,
});

export const soundNumber: fc.Arbitrary<NumberPlan> = fc.record({
  slot: fc.nat({ max: SLOTS - 1 }),
  zeros: fc.oneof(
    weighted(12, fc.constant(0 as const)),
    weighted(1, fc.constantFrom<NumberPlan['zeros'][]>(1, 2, 'to 1000 digits')),
  ),
  damage: fc.constant(undefined),
  around: fc.oneof(weighted(8, fc.constant(AROUND[0])), weighted(1, fc.constantFrom(...AROUND))),
});

/** One that is drawn by none of the plans. */
export const UNUSED_NUMBER: NumberPlan = {
  slot: SLOTS,
  zeros: 0,
  damage: undefined,
  around: AROUND[0],
};

export const anyNumber: fc.Arbitrary<NumberPlan> = fc.oneof(
  weighted(9, soundNumber),
  weighted(
    1,
    fc
      .tuple(soundNumber, fc.constantFrom(...(Object.keys(DAMAGES) as (keyof typeof DAMAGES)[])))
      .map(([plan, damage]) => ({ ...plan, damage })),
  ),
);

/**
 * @param story numbers of two stories must not meet: they are unique for ever. Up to a million
 * stories.
 */
export function write(
  { slot, zeros, damage, around: [before, after] }: NumberPlan,
  story: number,
): WrittenNumber {
  const base = OrderNumber.withCheckDigit(`${1_000_000 + story}${slot}`).value;
  const number = zeros === 'to 1000 digits' ? base.padStart(1000, '0') : '0'.repeat(zeros) + base;
  if (damage === undefined) return { text: before + number + after, number, blank: false };
  const text = before + DAMAGES[damage](number) + after;
  return { text, blank: text.trim() === '' };
}
