import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { ProgressReport } from './progress-report.js';

describe(ProgressReport.name, () => {
  let clock: FakeClock;
  const begin = (before?: number): ProgressReport =>
    new ProgressReport('rows', before, () => clock.monotonicMs());

  beforeEach(() => {
    clock = new FakeClock();
  });

  it('says every five seconds how far it is, how quick, and how long it will take', () => {
    const progress = begin();
    const lines = [20, 40, 60].map((done) => {
      clock.advance(2_500);
      return progress.line(done, 100);
    });
    expect(lines).toEqual([undefined, '40 of 100 rows, 8 rows/s, 8 s left', undefined]);
    clock.advance(2_500);
    expect(progress.line(100, 100)).toBe('100 of 100 rows, 10 rows/s, 0 s left');
  });

  it('takes the rate of what was done since it began', () => {
    const progress = begin(900);
    clock.advance(10_000);
    expect(progress.line(1_000, 2_000)).toBe('1000 of 2000 rows, 10 rows/s, 100 s left');
  });

  it.each([
    [119, '119 s'],
    [120, '2 min'],
    [7_199, '120 min'],
    [7_200, '2 h'],
    [200_000, '56 h'],
  ])('gives %d s as %s', (left, span) => {
    const progress = begin();
    clock.advance(10_000);
    expect(progress.line(10, 10 + left)).toContain(`, ${span} left`);
  });

  it('keeps a digit of what is slow, and promises no end of what does not go on', () => {
    const progress = begin();
    clock.advance(10_000);
    expect(progress.line(3, 9)).toBe('3 of 9 rows, 0.3 rows/s, 20 s left');
    clock.advance(5_000);
    expect(begin().line(0, 9)).toBeUndefined();
    const idle = begin();
    clock.advance(5_000);
    expect(idle.line(0, 9)).toBe('0 of 9 rows, 0 rows/s');
  });

  it('does not count backwards where more is done than was to do', () => {
    const progress = begin();
    clock.advance(5_000);
    expect(progress.line(12, 10)).toContain('0 s left');
  });
});
