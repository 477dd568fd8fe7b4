import { readDecimal } from '../../kernel/domain/decimal.js';
import { ImpossibleSum, Money } from '../../kernel/domain/money.js';

/**
 * A price, a percentage or a reward: not negative, and not rounded while an award is computed, so
 * that a hundred goods at 0.5 kopecks are 50 kopecks and not 100.
 */
export class ExactDecimal {
  /** More than any price needs: clients print binary fractions, such as 0.30000000000000004. */
  static readonly MAX_DECIMALS = 20;
  static readonly ZERO = new ExactDecimal(0n, 0);
  static readonly HUNDREDTH = new ExactDecimal(1n, 2);

  /** `units × 10^-scale` */
  private constructor(
    private readonly units: bigint,
    private readonly scale: number,
  ) {}

  /**
   * @throws ImpossibleSum when it is not a decimal number, is negative, has more than 20 decimals,
   * or reaches 10^13.
   */
  static parse(text: string): ExactDecimal {
    const decimal = readDecimal(text);
    if (!decimal) throw new ImpossibleSum('not a decimal number');
    const { negative, digits, exponent } = decimal;
    if (digits === '') return ExactDecimal.ZERO;
    if (negative) throw new ImpossibleSum('negative');
    if (digits.length + exponent > 13) throw new ImpossibleSum('10^13 or more');
    if (exponent < -ExactDecimal.MAX_DECIMALS)
      throw new ImpossibleSum(`more than ${ExactDecimal.MAX_DECIMALS} decimals`);
    return exponent < 0
      ? new ExactDecimal(BigInt(digits), -exponent)
      : new ExactDecimal(BigInt(digits) * 10n ** BigInt(exponent), 0);
  }

  get isZero(): boolean {
    return this.units === 0n;
  }

  plus(other: ExactDecimal): ExactDecimal {
    const scale = Math.max(this.scale, other.scale);
    return new ExactDecimal(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  times(other: ExactDecimal): ExactDecimal {
    return new ExactDecimal(this.units * other.units, this.scale + other.scale);
  }

  /**
   * Half up to kopecks: 729.975 is 729.98.
   *
   * @throws ImpossibleSum at 10^13 and beyond.
   */
  rounded(): Money {
    return Money.rounded(`${this.units}e-${this.scale}`);
  }

  private unitsAt(scale: number): bigint {
    return this.units * 10n ** BigInt(scale - this.scale);
  }
}
