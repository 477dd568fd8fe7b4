import { beforeEach, describe, expect, it } from '@jest/globals';
import { type InMemoryWorker, inMemoryWorker } from '../../../test/support/in-memory-worker.js';
import { ClaimTasks } from './claim-tasks.js';

describe(ClaimTasks.name, () => {
  let worker: InMemoryWorker;

  beforeEach(() => {
    worker = inMemoryWorker();
    worker.upload('1', '2', '3', '4', '5', '6');
  });

  /** Gives the gate a limit and so many permits. */
  const limit = (permits: number): void => {
    const { ms } = worker.clock;
    worker.gates.state = { breakerOpen: false, permits, ratePerMinute: 600, rateChangedAt: ms, refilledAt: ms };
  };

  it('takes what there are hands for', async () => {
    const { tasks, waitMs, breakerOpen } = await worker.claimTasks.execute({ hands: 4, reAsked: 4, isProbe: false });
    expect(tasks.map(({ orderId }) => orderId)).toEqual(['1', '2', '3', '4']);
    expect({ waitMs, breakerOpen }).toEqual({ waitMs: 0, breakerOpen: false });
  });

  it('takes no more than there are permits, and counts them', async () => {
    limit(2.5);
    const { tasks, waitMs } = await worker.claimTasks.execute({ hands: 4, reAsked: 4, isProbe: false });
    expect(tasks).toHaveLength(2);
    expect(worker.gates.state.permits).toBeCloseTo(0.5);
    expect(waitMs).toBeCloseTo(50);
  });

  it('gives permits back that there were no tasks for', async () => {
    limit(8);
    await worker.claimTasks.execute({ hands: 64, reAsked: 64, isProbe: false });
    expect(worker.gates.state.permits).toBeCloseTo(2);
  });

  it('keeps half of the permits for numbers never asked about', async () => {
    for (const id of ['1', '2', '3']) Object.assign(worker.queue.tasks.get(id) ?? {}, { asked: true });
    limit(4);
    const { tasks } = await worker.claimTasks.execute({ hands: 64, reAsked: 64, isProbe: false });
    expect(tasks.map(({ orderId }) => orderId).sort()).toEqual(['1', '2', '4', '5']);
  });

  it('sends a probe for a number never asked about', async () => {
    for (const id of ['1', '2', '3', '4', '5']) Object.assign(worker.queue.tasks.get(id) ?? {}, { asked: true });
    worker.gates.state = { breakerOpen: true, permits: 0, nextProbeAt: worker.clock.ms };
    const { tasks, breakerOpen } = await worker.claimTasks.execute({ hands: 64, reAsked: 64, isProbe: false });
    expect(tasks.map(({ orderId }) => orderId)).toEqual(['6']);
    expect(breakerOpen).toBe(true);
    expect((await worker.claimTasks.execute({ hands: 64, reAsked: 64, isProbe: false })).tasks).toEqual([]);
  });

  it('takes nothing in a pause, and says how long it lasts', async () => {
    worker.gates.state = { breakerOpen: false, permits: 0, pausedUntil: worker.clock.ms + 700 };
    expect(await worker.claimTasks.execute({ hands: 64, reAsked: 64, isProbe: false })).toEqual({
      tasks: [],
      breakerOpen: false,
      waitMs: 700,
    });
  });
});
