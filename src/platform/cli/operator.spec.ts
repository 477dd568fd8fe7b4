import { describe, expect, it } from '@jest/globals';
import { duration, moment } from './operator.js';

describe('what an operator reads', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [48 * 3_600_000 - 1, '47 h'],
    [48 * 3_600_000, '2 d'],
  ])('%i ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('a moment is told to the second, in UTC', () => {
    expect(moment(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('2026-01-02T03:04:05Z');
  });
});
