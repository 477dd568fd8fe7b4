import fc from 'fast-check';
import { printKopecks } from '../../support/kopecks.js';

/** A sum as it stands in the JSON that is sent. */
export interface WrittenSum {
  readonly token: string;
  /** What it means; undefined where no withdrawal can have it. */
  readonly kopecks?: bigint;
  /** Not a JSON number at all: 400 instead of 422. */
  readonly malformed: boolean;
}

/** What a sum is reckoned from when its call is made. */
export interface Reckoning {
  readonly balance: bigint;
  /** The payment already made for the number, if any. */
  readonly paid: bigint | undefined;
}

export type SumPlan =
  | { readonly of: 'balance' | 'payment'; readonly plus: bigint; readonly style: number }
  | { readonly of: 'share of the balance'; readonly parts: number; readonly style: number }
  | { readonly of: 'fixed'; readonly kopecks: bigint; readonly style: number }
  | { readonly of: 'text'; readonly token: string; readonly malformed: boolean };

const LIMIT = 10n ** 15n;

/** Each writes the same number of kopecks, all legal JSON. */
const STYLES: readonly ((kopecks: bigint) => string)[] = [
  printKopecks,
  (kopecks) => printKopecks(kopecks).replace(/\.?0+$/, ''),
  (kopecks) => `${printKopecks(kopecks)}000000000000000000000`,
  (kopecks) => `${kopecks}e-2`,
  (kopecks) => `${kopecks * 100n}E-0004`,
  (kopecks) => `${printKopecks(kopecks * 10_000n)}e-4`,
  (kopecks) => `${printKopecks(kopecks)}e+0`,
];

const style = fc.nat({ max: STYLES.length - 1 });
const nearby = fc.constantFrom(0n, 1n, -1n, 100n, -100n);
const AWKWARD = [1n, 10n, 29n, 100n, 1_005n, 1_610n, 1_100n, 72_998n, LIMIT - 1n, LIMIT] as const;

const IMPOSSIBLE = [
  '0',
  '-0',
  '-0.00',
  '0e5',
  '-1',
  '-0.01',
  '0.001',
  '1.005',
  '1e-3',
  '1e-400',
  '10000000000000.01',
  '1.1e13',
  '1e309',
];
const MALFORMED = [
  'null',
  '"1"',
  'true',
  '[1]',
  '{}',
  '01',
  '+1',
  '.5',
  '1.',
  'NaN',
  '0x10',
  '1_000',
];

/** A sum that may be withdrawn, if there is as much. */
export const soundSum: fc.Arbitrary<SumPlan> = fc.oneof(
  fc.record({
    of: fc.constant('payment' as const),
    plus: fc.constantFrom(0n, 0n, 0n, 1n, -1n),
    style,
  }),
  fc.record({ of: fc.constant('balance' as const), plus: nearby, style }),
  fc.record({
    of: fc.constant('share of the balance' as const),
    parts: fc.integer({ min: 2, max: 4 }),
    style,
  }),
  fc.record({ of: fc.constant('fixed' as const), kopecks: fc.constantFrom(...AWKWARD), style }),
);

const badSum: fc.Arbitrary<SumPlan> = fc.oneof(
  fc.constantFrom(...IMPOSSIBLE).map((token) => ({ of: 'text' as const, token, malformed: false })),
  fc.constantFrom(...MALFORMED).map((token) => ({ of: 'text' as const, token, malformed: true })),
);

export const anySum: fc.Arbitrary<SumPlan> = fc.oneof(
  { weight: 9, arbitrary: soundSum },
  { weight: 1, arbitrary: badSum },
);

export function writeSum(plan: SumPlan, reckoning: Reckoning): WrittenSum {
  if (plan.of === 'text') return plan;
  const kopecks = reckon(plan, reckoning);
  const token = STYLES[plan.style]?.(kopecks) ?? printKopecks(kopecks);
  return kopecks > 0n && kopecks <= LIMIT
    ? { token, kopecks, malformed: false }
    : { token, malformed: false };
}

function reckon(plan: Exclude<SumPlan, { of: 'text' }>, { balance, paid }: Reckoning): bigint {
  switch (plan.of) {
    case 'balance':
      return balance + plan.plus;
    case 'payment':
      return (paid ?? atLeastOne(balance / 2n)) + plan.plus;
    case 'share of the balance':
      return atLeastOne(balance / BigInt(plan.parts));
    case 'fixed':
      return plan.kopecks;
  }
}

/**
 * A poor account asks for a kopeck, and is refused for want of it rather than for a sum of nothing.
 */
function atLeastOne(kopecks: bigint): bigint {
  return kopecks > 0n ? kopecks : 1n;
}
