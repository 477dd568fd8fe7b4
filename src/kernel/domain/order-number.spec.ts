import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OrderNumber, OrderNumberInvalid, OrderNumberMissing } from './order-number.js';

/**
 * Luhn by the letter of the definition: reversed, odd places doubled, the digits of the results
 * summed up.
 */
function passesLuhn(text: string): boolean {
  const sum = text
    .split(/(?=.)/)
    .reverse()
    .map((digit, place) => `${Number(digit) * (place % 2 === 1 ? 2 : 1)}`)
    .flatMap((result) => result.split(/(?=.)/))
    .reduce((total, digit) => total + Number(digit), 0);
  return sum % 10 === 0;
}

const DIGITS = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 })
  .map((each) => each.join(''));

describe(OrderNumber.name, () => {
  it('accepts exactly the numbers that pass Luhn’s check', () => {
    fc.assert(
      fc.property(DIGITS, (text) => {
        if (passesLuhn(text)) expect(OrderNumber.parse(text).value).toBe(text);
        else expect(() => OrderNumber.parse(text)).toThrow(OrderNumberInvalid);
      }),
      { numRuns: 500 },
    );
  });

  it('has one check digit for every payload', () => {
    fc.assert(
      fc.property(DIGITS, (payload) => {
        const valid = Array.from({ length: 10 }, (_, digit) => `${payload}${digit}`).filter(
          passesLuhn,
        );
        expect([OrderNumber.withCheckDigit(payload).value]).toEqual(valid);
      }),
    );
  });

  it('notices any single wrong digit', () => {
    fc.assert(
      fc.property(DIGITS, fc.nat(), fc.integer({ min: 1, max: 9 }), (payload, where, by) => {
        const { value } = OrderNumber.withCheckDigit(payload);
        const place = where % value.length;
        const wrong = (Number(value[place]) + by) % 10;
        expect(() =>
          OrderNumber.parse(`${value.slice(0, place)}${wrong}${value.slice(place + 1)}`),
        ).toThrow(OrderNumberInvalid);
      }),
    );
  });

  it.each(['12345678903', '2377225624', '9278923470', '0', '00', '0000000000', '018'])(
    'accepts %s',
    (text) => {
      expect(OrderNumber.parse(text).value).toBe(text);
      expect(OrderNumber.parse(`\t ${text} \r\n`).toString()).toBe(text);
    },
  );

  it.each(['', ' ', '\n', '\u00a0\t'])('misses a number in %j', (text) => {
    expect(() => OrderNumber.parse(text)).toThrow(OrderNumberMissing);
  });

  it.each([
    '12345678904',
    'abc',
    '1234 5678903',
    '-18',
    '+18',
    '1.8',
    '1e2',
    '18\0',
    '١٨',
    '１８',
    '0x12',
    '18;',
  ])('refuses %j', (text) => {
    expect(() => OrderNumber.parse(text)).toThrow(OrderNumberInvalid);
  });

  it('takes 1 000 digits and not one more', () => {
    const longest = OrderNumber.withCheckDigit('1'.repeat(999)).value;
    expect(OrderNumber.parse(longest).value).toHaveLength(1000);
    expect(() => OrderNumber.parse(`0${longest}`)).toThrow(OrderNumberInvalid);
    expect(() => OrderNumber.parse('0'.repeat(1001))).toThrow(/at most 1000 digits/);
  });
});
