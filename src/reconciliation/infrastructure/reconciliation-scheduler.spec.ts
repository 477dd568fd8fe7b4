import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Readiness } from '../../platform/observability/readiness.js';
import type { WatchBooks } from '../application/watch-books.js';
import { firstRunInMs, nextRunInMs, ReconciliationScheduler } from './reconciliation-scheduler.js';

const HOUR = 3_600_000;

/** What waits for nothing but promises is done by then; setImmediate is a fake here. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Runs that end when a test says so. */
class HeldRuns {
  readonly signals: AbortSignal[] = [];
  #end: () => void = () => undefined;

  execute(stopping: AbortSignal): Promise<void> {
    this.signals.push(stopping);
    return new Promise((resolve) => (this.#end = resolve));
  }

  async end(): Promise<void> {
    this.#end();
    await settled();
  }
}

describe(ReconciliationScheduler.name, () => {
  let runs: HeldRuns;
  let registry: SchedulerRegistry;

  const start = (intervalMs: number): ReconciliationScheduler => {
    const watchBooks = runs as unknown as WatchBooks;
    const readiness = new Readiness();
    const scheduler = new ReconciliationScheduler(registry, watchBooks, { intervalMs }, readiness);
    scheduler.onApplicationBootstrap();
    return scheduler;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    runs = new HeldRuns();
    registry = new SchedulerRegistry();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('runs within two minutes of the start, not before 10 s', () => {
    start(HOUR);
    jest.advanceTimersByTime(9_999);
    expect(runs.signals).toHaveLength(0);
    jest.advanceTimersByTime(110_001);
    expect(runs.signals).toHaveLength(1);
  });

  it('runs again an interval after the end of a run, however long that took', async () => {
    start(HOUR);
    jest.advanceTimersByTime(120_000);
    jest.advanceTimersByTime(10 * HOUR);
    expect(runs.signals).toHaveLength(1);
    await runs.end();
    jest.advanceTimersByTime(0.89 * HOUR);
    expect(runs.signals).toHaveLength(1);
    jest.advanceTimersByTime(0.22 * HOUR);
    expect(runs.signals).toHaveLength(2);
  });

  it('never runs with an interval of 0', async () => {
    const scheduler = start(0);
    jest.advanceTimersByTime(100 * HOUR);
    expect(runs.signals).toHaveLength(0);
    await scheduler.beforeApplicationShutdown();
  });

  it('is not run after a stop', async () => {
    const scheduler = start(HOUR);
    await scheduler.beforeApplicationShutdown();
    jest.advanceTimersByTime(100 * HOUR);
    expect(runs.signals).toHaveLength(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tells the run under way to stop, waits for its end, and starts no other', async () => {
    const scheduler = start(HOUR);
    jest.advanceTimersByTime(120_000);
    let stopped = false;
    const stop = scheduler.beforeApplicationShutdown().then(() => (stopped = true));
    expect(runs.signals[0]?.aborted).toBe(true);
    await settled();
    expect(stopped).toBe(false);
    await runs.end();
    await stop;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not let a run that hangs hold up the stop', async () => {
    const scheduler = start(HOUR);
    jest.advanceTimersByTime(120_000);
    await expect(scheduler.beforeApplicationShutdown()).resolves.toBeUndefined();
  });
});

describe(firstRunInMs, () => {
  it('leaves 10 s to the start, and spreads replicas over two minutes', () => {
    expect([0, 0.5, 1].map((random) => firstRunInMs(HOUR, random))).toEqual([
      10_000, 65_000, 120_000,
    ]);
  });

  it('does not wait for minutes where an interval is seconds', () => {
    expect([0, 1].map((random) => firstRunInMs(1_000, random))).toEqual([1_000, 2_000]);
  });
});

describe(nextRunInMs, () => {
  it('is an interval, up to a tenth early or late', () => {
    expect([0, 0.5, 1].map((random) => nextRunInMs(HOUR, random))).toEqual([
      0.9 * HOUR,
      HOUR,
      1.1 * HOUR,
    ]);
  });
});
