import { describe, expect, it } from '@jest/globals';
import { duration, moment, oneLine, tasks } from './queue-format.js';

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

  it('one task is told from many', () => {
    expect([0, 1, 2].map((count) => tasks(count))).toEqual(['0 tasks', '1 task', '2 tasks']);
    expect([1, 2].map((count) => tasks(count, 'waits', 'wait'))).toEqual([
      '1 task waits',
      '2 tasks wait',
    ]);
  });

  it('what others wrote cannot speak to the terminal', () => {
    expect(oneLine('a\u001b[31mred\u0007\r\nb\u009b2J\u202edone\u2028', 100)).toBe(
      'a·[31mred···b·2J·done·',
    );
  });

  it('a long text is cut between characters', () => {
    expect(oneLine('12345', 5)).toBe('12345');
    expect(oneLine('123456', 5)).toBe('1234…');
    expect(oneLine('😀😀😀', 2)).toBe('😀…');
  });
});
