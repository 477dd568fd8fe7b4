import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ImpossibleSum, Money } from './money.js';

const KOPECKS_BELOW_LIMIT = fc.bigInt({ min: 0n, max: 10n ** 15n - 1n });

/**
 * `kopecks` of a decimal text by rational arithmetic on bigints, in no way the parser's: digits /
 * 10^decimals, half up.
 */
function halfUp(digits: bigint, decimals: number): bigint {
  const denominator = 10n ** BigInt(decimals);
  return (digits * 100n * 2n + denominator) / (denominator * 2n);
}

function plainText(digits: bigint, decimals: number): string {
  const padded = digits.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? padded : `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

describe(Money.name, () => {
  it('prints what it reads', () => {
    fc.assert(
      fc.property(KOPECKS_BELOW_LIMIT, (kopecks) => {
        const money = Money.kopecks(kopecks);
        expect(Money.exact(money.toString()).kopecks).toBe(kopecks);
        expect(Money.rounded(money.toString()).kopecks).toBe(kopecks);
      }),
    );
  });

  it.each(['0.00', '0.05', '500.50', '9999999999999.99', '10000000000000.01'])(
    'reads the total %s',
    (text) => expect(Money.total(text).toFixed()).toBe(text),
  );

  it('reads totals of any size', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), (kopecks) => {
        expect(Money.total(Money.kopecks(kopecks).toFixed()).kopecks).toBe(kopecks);
      }),
    );
  });

  it.each([
    ['500', '500'],
    ['500.00', '500'],
    ['500.50', '500.5'],
    ['729.98', '729.98'],
    ['0.05', '0.05'],
    ['1e2', '100'],
    ['1E+2', '100'],
    ['12345e-2', '123.45'],
    ['0', '0'],
    ['-0', '0'],
    ['0.000000', '0'],
    ['0e999999999', '0'],
    ['10000000000000', '10000000000000'],
  ])('reads %s exactly as %s', (text, printed) => {
    expect(Money.exact(text).toString()).toBe(printed);
  });

  it.each([
    ['0.001', 'two decimals'],
    ['1.005', 'two decimals'],
    ['1e-3', 'two decimals'],
    ['-1', 'negative'],
    ['-0.01', 'negative'],
    ['10000000000000.01', 'beyond'],
    ['1e14', 'beyond'],
    ['1e309', 'beyond'],
    [`1e${'9'.repeat(400)}`, 'beyond'],
    ['9'.repeat(1000), 'beyond'],
    ['', 'not a decimal'],
    ['751 ', 'not a decimal'],
    ['.5', 'not a decimal'],
    ['+1', 'not a decimal'],
    ['1,5', 'not a decimal'],
    ['0x10', 'not a decimal'],
    ['Infinity', 'not a decimal'],
    ['NaN', 'not a decimal'],
  ])('refuses %s exactly: %s', (text, reason) => {
    const read = (): Money => Money.exact(text);
    expect(read).toThrow(ImpossibleSum);
    expect(read).toThrow(reason);
  });

  it('adds a tenth ten times and has one', () => {
    const tenth = Money.exact('0.1');
    expect(Array.from({ length: 10 }).reduce<Money>((sum) => sum.plus(tenth), Money.ZERO)).toEqual(
      Money.exact('1'),
    );
  });

  it('takes away what it added, and refuses to go below zero', () => {
    expect(Money.exact('5').plus(Money.exact('0.01')).minus(Money.exact('5')).toString()).toBe(
      '0.01',
    );
    expect(() => Money.exact('5').minus(Money.exact('5.01'))).toThrow(ImpossibleSum);
    expect(() => Money.kopecks(-1n)).toThrow(ImpossibleSum);
  });
});

describe(`${Money.name}.rounded`, () => {
  it('rounds half up, as rational arithmetic does', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 40n });
    fc.assert(
      fc.property(digits, fc.integer({ min: 28, max: 60 }), (number, decimals) => {
        expect(Money.rounded(plainText(number, decimals)).kopecks).toBe(halfUp(number, decimals));
      }),
    );
  });

  it('rounds short fractions, halves too, the same written plainly or with an exponent', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        fc.integer({ min: 0, max: 6 }),
        (number, decimals) => {
          expect(Money.rounded(plainText(number, decimals)).kopecks).toBe(halfUp(number, decimals));
          expect(Money.rounded(`${number}e-${decimals}`).kopecks).toBe(halfUp(number, decimals));
          expect(Money.rounded(plainText(number * 10n + 5n, 3)).kopecks).toBe(
            halfUp(number * 10n + 5n, 3),
          );
        },
      ),
    );
  });

  it.each([
    ['729.975', '729.98'],
    ['729.97499999999999999999999999999', '729.97'],
    ['0.005', '0.01'],
    ['0.00499', '0'],
    ['0.0005', '0'],
    ['1.005', '1.01'],
    ['0.30000000000000004', '0.3'],
    ['1e-999999999', '0'],
    ['9999999999999.994999', '9999999999999.99'],
  ])('%s is %s', (text, printed) => {
    expect(Money.rounded(text).toString()).toBe(printed);
  });

  it('awards 5 % of 14599.50 to the kopeck', () => {
    expect(Money.rounded(plainText(1_459_950n * 5n, 4)).toString()).toBe('729.98');
  });

  it.each([
    '9999999999999.995',
    '10000000000000',
    '1e13',
    '1e309',
    '1e999999999',
    '-0.001',
    'five',
    '',
  ])('refuses %s', (text) => {
    expect(() => Money.rounded(text)).toThrow(ImpossibleSum);
  });

  it('quotes no more than the beginning of what it refuses', () => {
    expect(() => Money.rounded('9'.repeat(100_000))).toThrow(/^.{1,80}$/);
  });
});
