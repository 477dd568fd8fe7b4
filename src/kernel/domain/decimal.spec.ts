import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Decimal, readDecimal } from './decimal.js';

/** The value as a fraction with the denominator 10^20; texts in these tests are never finer. */
function scaled({ negative, digits, exponent }: Decimal): bigint {
  const value = BigInt(digits || '0') * 10n ** BigInt(exponent + 20);
  return negative ? -value : value;
}

describe(readDecimal, () => {
  it.each([
    ['0', { negative: false, digits: '', exponent: 0 }],
    ['-0', { negative: true, digits: '', exponent: 0 }],
    ['0012.3400', { negative: false, digits: '1234', exponent: -2 }],
    ['1e309', { negative: false, digits: '1', exponent: 309 }],
    ['-100', { negative: true, digits: '1', exponent: 2 }],
    ['1.5E-3', { negative: false, digits: '15', exponent: -4 }],
    ['1e999999999', { negative: false, digits: '1', exponent: 999_999_999 }],
  ])('reads %s', (text, decimal) => {
    expect(readDecimal(text)).toEqual(decimal);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '+1',
    '.5',
    '5.',
    '1e',
    '1e1.5',
    '0x1',
    '1_000',
    '--1',
    '١',
    'Infinity',
    '1\n',
  ])('has no value for %j', (text) => {
    expect(readDecimal(text)).toBeUndefined();
  });

  it('reads 60 000 digits at once, whatever zeros are among them', () => {
    const text = `1${'0'.repeat(60_000)}1`;
    const began = performance.now();
    expect(readDecimal(text)).toMatchObject({ digits: text, exponent: 0 });
    // It took seven seconds.
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('gives every way to write a number the same digits and the same value', () => {
    const whole = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(
        whole,
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 5 }),
        (number, decimals, zeros) => {
          const text = number.toString().padStart(decimals + 1, '0');
          const point = text.length - decimals;
          const padding = '0'.repeat(zeros);
          const plain = readDecimal(
            decimals === 0
              ? text
              : `${padding}${text.slice(0, point)}.${text.slice(point)}${padding}`,
          );
          const power = readDecimal(`${number}e-${decimals}`);
          expect(plain?.digits).toBe(power?.digits);
          expect(plain && scaled(plain)).toBe(number * 10n ** BigInt(20 - decimals));
          expect(power && scaled(power)).toBe(number * 10n ** BigInt(20 - decimals));
        },
      ),
    );
  });
});
