import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';
import type { Random } from '../../support/random.js';

/**
 * Order numbers that nobody else in the run draws: short and very long ones, some with leading
 * zeros.
 */
export class Numbers {
  #next = 0;

  /**
   * @param source keeps the numbers of two sources apart: digits, always as many; at most a hundred
   * numbers come of it.
   */
  constructor(
    private readonly random: Random,
    private readonly source: string,
  ) {}

  next(): string {
    const unique = `${this.source}${(this.#next++).toString().padStart(2, '0')}`;
    const length = this.random.weighted({ short: 90, long: 9, longest: 1 });
    const filling = {
      short: this.random.integer(0, 6),
      long: this.random.integer(20, 200),
      longest: 999 - unique.length,
    }[length];
    // The unique part is last and always as long: no two numbers can meet by way of their fillings.
    return OrderNumber.withCheckDigit(`${this.random.digits(filling)}${unique}`).value;
  }
}

/** One digit of a valid number changed: Luhn's check finds every such mistake. */
export function mistyped(number: string): string {
  return `${number.slice(0, -1)}${(Number(number.at(-1)) + 1) % 10}`;
}
