import { describe, expect, it } from '@jest/globals';
import { ImpossibleSum } from '../../kernel/domain/money.js';
import { ExactDecimal } from './exact-decimal.js';

const of = (text: string): ExactDecimal => ExactDecimal.parse(text);

describe(ExactDecimal.name, () => {
  it.each([
    ['729.975', '729.98'],
    ['729.97499999999999999999', '729.97'],
    ['0.005', '0.01'],
    ['0.00499', '0'],
    ['1e2', '100'],
    ['14599.50', '14599.5'],
    ['0e999999999', '0'],
    ['-0', '0'],
  ])('rounds %s half up to %s', (text, expected) => {
    expect(of(text).rounded().toString()).toBe(expected);
  });

  it('adds numbers of different precision exactly', () => {
    expect(of('0.1').plus(of('0.02')).plus(of('3')).plus(of('0.005')).rounded().toString()).toBe(
      '3.13',
    );
  });

  it('multiplies exactly', () => {
    expect(of('14599.50').times(of('5')).times(ExactDecimal.HUNDREDTH).rounded().toString()).toBe(
      '729.98',
    );
    expect(of('9999999999999').times(ExactDecimal.HUNDREDTH).rounded().toString()).toBe(
      '99999999999.99',
    );
  });

  it.each([
    ['-1', 'negative'],
    ['-0.001', 'negative'],
    ['1e13', '10^13 or more'],
    ['1e999999999', '10^13 or more'],
    ['1e-999999999', 'more than 20 decimals'],
    ['0.000000000000000000001', 'more than 20 decimals'],
    ['five', 'not a decimal number'],
  ])('refuses %s: %s', (text, reason) => {
    expect(() => of(text)).toThrow(new ImpossibleSum(reason));
  });

  it('takes what binary fractions print', () => {
    expect(of('0.30000000000000004').rounded().toString()).toBe('0.3');
  });
});
