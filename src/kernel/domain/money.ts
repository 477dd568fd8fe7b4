import { DomainError } from './domain-error.js';
import { type Decimal, readDecimal } from './decimal.js';

/**
 * The text is not a sum of money: not a decimal number, negative, finer than a kopeck, or beyond
 * {@link Money.LIMIT}.
 */
export class ImpossibleSum extends DomainError {
  readonly code = 'impossible-sum';
  readonly kind = 'invalid';
}

/**
 * A sum of points in whole kopecks (1 point = 1 rouble = 100 kopecks), never negative, always
 * exact.
 *
 * It is read from decimal text and printed as decimal text: no binary fraction ever stands between
 * the two.
 */
export class Money {
  /**
   * 10¹³ points: no withdrawal is larger, awards and balances stay below. Then `numeric(20,2)`
   * has room to add.
   */
  static readonly LIMIT = Money.kopecks(10n ** 15n);
  static readonly ZERO = Money.kopecks(0n);

  private constructor(readonly kopecks: bigint) {}

  /** @throws ImpossibleSum when negative. */
  static kopecks(kopecks: bigint): Money {
    if (kopecks < 0n) throw new ImpossibleSum(`a sum cannot be negative: ${kopecks} kopecks`);
    return new Money(kopecks);
  }

  /**
   * Reads an exact sum; `1e2` is 100, `5.10` is 5.1.
   *
   * @throws ImpossibleSum when it is not a decimal number, is negative, has more than two decimals,
   * or is beyond the limit.
   */
  static exact(text: string): Money {
    const decimal = readSum(text);
    if (decimal.exponent < -2 && decimal.digits !== '') {
      throw new ImpossibleSum(`a sum has at most two decimals: ${shorten(text)}`);
    }
    const money = new Money(scale(decimal));
    if (Money.LIMIT.isBelow(money)) throw beyondLimit(text);
    return money;
  }

  /**
   * Reads what many sums were added up to and stored with two decimals: the limit of a single sum
   * is none of it.
   */
  static total(text: string): Money {
    return Money.kopecks(BigInt(text.replace('.', '')));
  }

  /**
   * Reads a sum and rounds it half up to kopecks: 729.975 is 729.98.
   *
   * @throws ImpossibleSum when it is not a decimal number, is negative, or is not below the limit
   * after rounding.
   */
  static rounded(text: string): Money {
    const decimal = readSum(text);
    const money = new Money(decimal.exponent < -2 ? roundHalfUp(decimal) : scale(decimal));
    if (!money.isBelow(Money.LIMIT)) throw beyondLimit(text);
    return money;
  }

  get isZero(): boolean {
    return this.kopecks === 0n;
  }

  plus(other: Money): Money {
    return new Money(this.kopecks + other.kopecks);
  }

  /** @throws ImpossibleSum when the other sum is larger: compare first. */
  minus(other: Money): Money {
    return Money.kopecks(this.kopecks - other.kopecks);
  }

  equals(other: Money): boolean {
    return this.kopecks === other.kopecks;
  }

  isBelow(other: Money): boolean {
    return this.kopecks < other.kopecks;
  }

  /** With two decimals: `500.00`. */
  toFixed(): string {
    return `${this.kopecks / 100n}.${(this.kopecks % 100n).toString().padStart(2, '0')}`;
  }

  /** The shortest decimal text: `500`, `500.5`, `729.98`; a valid JSON number as it stands. */
  toString(): string {
    const whole = this.kopecks / 100n;
    const rest = this.kopecks % 100n;
    if (rest === 0n) return `${whole}`;
    return rest % 10n === 0n
      ? `${whole}.${rest / 10n}`
      : `${whole}.${rest.toString().padStart(2, '0')}`;
  }
}

function readSum(text: string): Decimal {
  const decimal = readDecimal(text);
  if (!decimal) throw new ImpossibleSum(`not a decimal number: ${shorten(text)}`);
  if (decimal.negative && decimal.digits !== '')
    throw new ImpossibleSum(`a sum cannot be negative: ${shorten(text)}`);
  if (decimal.digits !== '' && decimal.digits.length + decimal.exponent > 14)
    throw beyondLimit(text);
  return decimal;
}

function beyondLimit(text: string): ImpossibleSum {
  return new ImpossibleSum(`beyond 10^13: ${shorten(text)}`);
}

/** In kopecks, for a decimal with at most two decimals and at most 14 digits before them. */
function scale({ digits, exponent }: Decimal): bigint {
  return digits === '' ? 0n : BigInt(digits + '0'.repeat(exponent + 2));
}

/** In kopecks, for a decimal with more than two decimals: the digit after the kopecks decides. */
function roundHalfUp({ digits, exponent }: Decimal): bigint {
  const kept = digits.length + exponent + 2;
  if (kept < 0) return 0n;
  const up = (digits[kept] ?? '0') >= '5' ? 1n : 0n;
  return BigInt(digits.slice(0, kept) || '0') + up;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
