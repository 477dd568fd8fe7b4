import { OrderNumber } from '../../../src/kernel/domain/order-number.js';

let last = Date.now() * 1_000 + Math.floor(Math.random() * 1_000);

/** A valid order number that no other test uses. */
export function freshNumber(): string {
  return OrderNumber.withCheckDigit(`${++last}`).value;
}
