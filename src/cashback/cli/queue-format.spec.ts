import { describe, expect, it } from '@jest/globals';
import { oneLine } from '../../platform/cli/operator.js';
import { tasks } from './queue-format.js';

describe('what an operator reads', () => {
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
