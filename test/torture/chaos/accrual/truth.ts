import type { Random } from '../../support/random.js';
import { type Kopecks, printKopecks } from '../../support/kopecks.js';
import { CALCULATING, FAULTS, type Lie } from './lies.js';

/** What the accrual system finally says of a number. */
export interface Truth {
  readonly status: 'PROCESSED' | 'INVALID';
  /** The JSON token it says it with; absent where nothing is said of points. */
  readonly accrual?: string;
  /** What the customer must get for it. */
  readonly kopecks: Kopecks;
}

const NOTHING = { kopecks: 0n } as const;

/**
 * Beyond the service's CASHBACK_MAX_TRIES: such a number is parked, and an operator puts it back.
 */
const POISON_FAULTS = 6;

/**
 * The truth about every order number, and the lies told before it: functions of the seed and the
 * number alone.
 */
export class AccrualTruth {
  constructor(private readonly random: Random) {}

  of(number: string): Truth {
    const random = this.random.fork(`truth ${number}`);
    switch (random.weighted({ invalid: 12, nothing: 8, zero: 4, exact: 46, rounded: 30 })) {
      case 'invalid':
        return { status: 'INVALID', ...NOTHING };
      case 'nothing':
        return { status: 'PROCESSED', ...NOTHING };
      case 'zero':
        return {
          status: 'PROCESSED',
          accrual: random.pick(['0', '0.0', '0.00', '0.004', '0e7', '0.0049999999999']),
          ...NOTHING,
        };
      case 'exact': {
        const kopecks = award(random);
        return { status: 'PROCESSED', accrual: exactToken(kopecks, random), kopecks };
      }
      case 'rounded': {
        const kopecks = award(random);
        const rest = random.pick([
          '5',
          '4',
          '50000000000',
          '49999999999',
          '99',
          '01',
          random.digits(3),
          random.digits(12),
        ]);
        const up = rest >= '5' ? 1n : 0n;
        return {
          status: 'PROCESSED',
          accrual: `${printKopecks(kopecks)}${rest}`,
          kopecks: kopecks + up,
        };
      }
    }
  }

  /** What is answered before the truth, in this order. */
  liesAbout(number: string): readonly Lie[] {
    const random = this.random.fork(`lies about ${number}`);
    const some = (lies: readonly Lie[], atMost: number): Lie[] =>
      Array.from({ length: random.integer(1, atMost) }, () => random.pick(lies));
    switch (random.weighted({ none: 48, calculating: 25, faults: 12, both: 11, poison: 4 })) {
      case 'none':
        return [];
      case 'calculating':
        return some(CALCULATING, 3);
      case 'faults':
        return some(FAULTS, 2);
      case 'both':
        return random.shuffled([...some(CALCULATING, 2), ...some(FAULTS, 2)]);
      case 'poison':
        return Array.from({ length: POISON_FAULTS }, () => random.pick(FAULTS));
    }
  }

  /**
   * How long an answer takes, in milliseconds, never so long that it would be a fault: questions
   * under way are what a crash must find.
   */
  delayOf(number: string, question: number): number {
    const random = this.random.fork(`delay ${question} of ${number}`);
    return random.chance(0.3) ? random.integer(20, 600) : 0;
  }
}

/** Kopecks and millions: a float that sums both loses the kopecks. */
function award(random: Random): Kopecks {
  switch (random.weighted({ kopecks: 15, usual: 70, large: 15 })) {
    case 'kopecks':
      return BigInt(random.integer(1, 99));
    case 'usual':
      return BigInt(random.integer(100, 300_000));
    case 'large':
      return BigInt(random.integer(10 ** 8, 10 ** 12));
  }
}

/** The same sum as JSON may write it. */
function exactToken(kopecks: Kopecks, random: Random): string {
  const fixed = printKopecks(kopecks);
  return random.pick([
    fixed,
    fixed.replace(/\.?0+$/, ''),
    `${fixed}000`,
    `${kopecks}e-2`,
    `${printKopecks(kopecks * 10n)}E-1`,
  ]);
}
