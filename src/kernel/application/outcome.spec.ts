import { describe, expect, it } from '@jest/globals';
import { ImpossibleSum } from '../domain/money.js';
import { decide } from './outcome.js';

describe(decide, () => {
  it('keeps the value', () => {
    expect(decide(() => 42)).toEqual({ value: 42 });
  });

  it('makes a broken rule the answer of this command alone', () => {
    const broken = new ImpossibleSum('x');
    expect(
      decide(() => {
        throw broken;
      }),
    ).toEqual({ broken });
  });

  it('lets anything else stop the whole list', () => {
    expect(() =>
      decide(() => {
        throw new TypeError('a mistake of ours');
      }),
    ).toThrow(TypeError);
  });
});
