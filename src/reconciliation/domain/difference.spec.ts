import { describe, expect, it } from '@jest/globals';
import { Difference } from './difference.js';

const facts = { account: 'ann', balance: '500.00', entries_sum: '499.50', version: '7' };

describe(Difference.name, () => {
  it('says who, and both sums', () => {
    expect(new Difference('account-balance', facts).sentence).toBe(
      'account ann: balance 500.00, its entries add up to 499.50',
    );
  });

  it('has the facts that it names, and no others', () => {
    expect(new Difference('account-balance', facts).facts).toEqual({
      account: 'ann',
      balance: '500.00',
      entries_sum: '499.50',
    });
  });

  it('says so where the books have nothing', () => {
    const difference = new Difference('account-balance', { ...facts, balance: null });
    expect(difference.sentence).toBe('account ann: balance none, its entries add up to 499.50');
    expect(difference.facts).toMatchObject({ balance: null });
  });

  it('never leaves a blank', () => {
    expect(() => new Difference('account-withdrawn', facts).sentence).toThrow(
      'a difference of kind account-withdrawn must name its withdrawn',
    );
  });
});
