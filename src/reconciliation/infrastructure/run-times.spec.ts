import { describe, expect, it } from '@jest/globals';
import { firstRunInMs, nextRunInMs } from './reconciliation-scheduler.js';

const HOUR = 3_600_000;

describe(firstRunInMs, () => {
  it('lets the start settle, and spreads replicas over two minutes', () => {
    expect([0, 0.5, 1].map((random) => firstRunInMs(HOUR, random))).toEqual([
      10_000, 65_000, 120_000,
    ]);
  });

  it('does not wait for minutes where an interval is seconds', () => {
    expect([0, 1].map((random) => firstRunInMs(1_000, random))).toEqual([1_000, 2_000]);
  });
});

describe(nextRunInMs, () => {
  it('is an interval, a tenth early or late', () => {
    expect([0, 0.5, 1].map((random) => nextRunInMs(HOUR, random))).toEqual([
      0.9 * HOUR,
      HOUR,
      1.1 * HOUR,
    ]);
  });
});
