import { DomainError } from './domain-error.js';

/** There is no number at all: nothing, or white space only. */
export class OrderNumberMissing extends DomainError {
  readonly code = 'order-number-missing';
  readonly kind = 'malformed';
}

/** Not one to 1 000 digits that pass Luhn's check. */
export class OrderNumberInvalid extends DomainError {
  readonly code = 'order-number-invalid';
  readonly kind = 'invalid';
}

/** The number of an order in the shop: 1 to 1 000 digits valid by Luhn, leading zeros kept. */
export class OrderNumber {
  static readonly MAX_DIGITS = 1000;

  private constructor(readonly value: string) {}

  /**
   * Reads a number as a client sends it; white space around it is dropped.
   *
   * @throws OrderNumberMissing when nothing is left, OrderNumberInvalid when it is too long, has
   * other characters or fails Luhn.
   */
  static parse(text: string): OrderNumber {
    const value = text.trim();
    if (value === '') throw new OrderNumberMissing('an order number is expected');
    if (value.length > OrderNumber.MAX_DIGITS) {
      throw new OrderNumberInvalid(
        `an order number has at most ${OrderNumber.MAX_DIGITS} digits, this has ${value.length}`,
      );
    }
    if (!/^[0-9]+$/.test(value)) throw new OrderNumberInvalid('an order number has digits only');
    if (luhnSum(value) % 10 !== 0)
      throw new OrderNumberInvalid('the check digit of the order number is wrong');
    return new OrderNumber(value);
  }

  /** A number that {@link parse} accepted before: a stored one. */
  static restore(value: string): OrderNumber {
    return new OrderNumber(value);
  }

  /** The number that `payload` becomes with its check digit. */
  static withCheckDigit(payload: string): OrderNumber {
    return OrderNumber.parse(`${payload}${(10 - (luhnSum(`${payload}0`) % 10)) % 10}`);
  }

  toString(): string {
    return this.value;
  }
}

/**
 * Luhn's sum (ISO/IEC 7812-1, annex B): every second digit from the right is doubled, and 9 taken
 * off where that exceeds 9.
 */
function luhnSum(digits: string): number {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = digits.charCodeAt(i) - 48;
    sum += double ? (digit < 5 ? digit * 2 : digit * 2 - 9) : digit;
  }
  return sum;
}
