import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
} from '../../../../test/support/fakes/in-memory-worker.js';
import {
  DatabaseUnavailable,
  StatementCanceled,
} from '../../../kernel/application/persistence-errors.js';
import type { TaskPriority } from '../../domain/task.js';
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
    worker.gates.state = {
      breakerOpen: false,
      permits,
      ratePerMinute: 6_000,
      rateChangedAt: ms,
      refilledAt: ms,
    };
  };

  it('takes as many tasks as there are slots', async () => {
    const { tasks, waitMs, isBreakerOpen } = await worker.claimTasks.execute({
      slots: 4,
      suspects: 4,
      isProbe: false,
    });
    expect(tasks.map(({ orderId }) => orderId)).toEqual(['1', '2', '3', '4']);
    expect({ waitMs, isBreakerOpen }).toEqual({ waitMs: 0, isBreakerOpen: false });
  });

  it('takes no more than there are permits, and counts them', async () => {
    limit(2.5);
    const { tasks, waitMs } = await worker.claimTasks.execute({
      slots: 4,
      suspects: 4,
      isProbe: false,
    });
    expect(tasks).toHaveLength(2);
    expect(worker.gates.state.permits).toBeCloseTo(0.5);
    expect(waitMs).toBeCloseTo(5);
  });

  it('spends no permit for which there is no task', async () => {
    limit(8);
    await worker.claimTasks.execute({ slots: 64, suspects: 64, isProbe: false });
    expect(worker.gates.state.permits).toBeCloseTo(2);
  });

  it('shares single permits out so that no priority starves another', async () => {
    const count = { FRESH: 0, RETRIED: 0, SUSPECT: 0 };
    for (let i = 0; i < 4_400; i++) {
      const priorities: TaskPriority[] = [
        'FRESH',
        'FRESH',
        'RETRIED',
        'RETRIED',
        'SUSPECT',
        'SUSPECT',
      ];
      priorities.forEach((priority, n) => {
        Object.assign(worker.queue.tasks.get(`${n + 1}`) ?? {}, {
          priority,
          dueAt: 0,
          status: 'PENDING',
        });
      });
      limit(1);
      const { tasks } = await worker.claimTasks.execute({
        slots: 64,
        suspects: 32,
        isProbe: false,
      });
      for (const { orderId } of tasks) count[priorities[Number(orderId) - 1] ?? 'FRESH']++;
    }
    // Six, four and one of eleven, give or take five standard deviations at least.
    expect(Math.abs(count.FRESH - 2_400)).toBeLessThan(170);
    expect(Math.abs(count.RETRIED - 1_600)).toBeLessThan(170);
    expect(Math.abs(count.SUSPECT - 400)).toBeLessThan(100);
  });

  it('probes with a new order', async () => {
    for (const id of ['1', '2', '3', '4', '5'])
      Object.assign(worker.queue.tasks.get(id) ?? {}, { priority: 'RETRIED' });
    worker.gates.state = { breakerOpen: true, permits: 0, nextProbeAt: worker.clock.ms };
    const { tasks, isBreakerOpen } = await worker.claimTasks.execute({
      slots: 64,
      suspects: 64,
      isProbe: false,
    });
    expect(tasks.map(({ orderId }) => orderId)).toEqual(['6']);
    expect(isBreakerOpen).toBe(true);
    expect(
      (await worker.claimTasks.execute({ slots: 64, suspects: 64, isProbe: false })).tasks,
    ).toEqual([]);
  });

  it('looks for waits that cannot be every 5 s, and for a hundredth of the time', async () => {
    const reschedule = worker.queue.reschedule.bind(worker.queue);
    let tookMs = 10;
    let calls = 0;
    worker.queue.reschedule = (...waits) => {
      calls++;
      worker.clock.advance(tookMs);
      return reschedule(...waits);
    };
    const callsWithin = async (ms: number): Promise<number> => {
      calls = 0;
      for (const end = worker.clock.ms + ms; worker.clock.ms < end;) {
        await worker.claimTasks.execute({ slots: 0, suspects: 0, isProbe: false });
        worker.clock.advance(100);
      }
      return calls;
    };
    expect(await callsWithin(60_000)).toBe(12);
    tookMs = 200;
    await callsWithin(20_000);
    expect(await callsWithin(60_000)).toBe(3);
  });

  it('claims though the search for such waits takes longer than a statement may', async () => {
    const free = { slots: 4, suspects: 4, isProbe: false };
    let calls = 0;
    worker.queue.reschedule = () => {
      calls++;
      worker.clock.advance(4_000);
      return Promise.reject(new StatementCanceled('it took too long'));
    };
    expect((await worker.claimTasks.execute(free)).tasks).toHaveLength(4);
    worker.clock.advance(300_000);
    await worker.claimTasks.execute(free);
    expect(calls).toBe(1);
    worker.clock.advance(100_000);
    await worker.claimTasks.execute(free);
    expect(calls).toBe(2);
  });

  it('looks for such waits again at once where the database was away', async () => {
    const free = { slots: 4, suspects: 4, isProbe: false };
    let calls = 0;
    worker.queue.reschedule = () =>
      ++calls === 1 ? Promise.reject(new DatabaseUnavailable('away')) : Promise.resolve(0);
    await expect(worker.claimTasks.execute(free)).rejects.toThrow('away');
    await worker.claimTasks.execute(free);
    expect(calls).toBe(2);
  });

  it('takes nothing in a pause, and says how long it lasts', async () => {
    worker.gates.state = { breakerOpen: false, permits: 0, pausedUntil: worker.clock.ms + 700 };
    expect(await worker.claimTasks.execute({ slots: 64, suspects: 64, isProbe: false })).toEqual({
      tasks: [],
      isBreakerOpen: false,
      isUnanswered: false,
      waitMs: 700,
      pausedMs: 700,
    });
  });

  it.each([
    ['at once', 10, 0],
    ['slowly', 40, 960],
  ])(
    'says, when it claimed %s (%i ms), how long to pause for the 429 of another replica: %i ms',
    async (_, tookMs, pausedMs) => {
      const claim = worker.queue.claim.bind(worker.queue);
      worker.queue.claim = (...args) => {
        worker.gates.state = { ...worker.gates.state, pausedUntil: worker.clock.ms + 1_000 };
        worker.clock.advance(tookMs);
        return claim(...args);
      };
      const claimed = await worker.claimTasks.execute({ slots: 64, suspects: 32, isProbe: false });
      expect({ tasks: claimed.tasks.length, pausedMs: claimed.pausedMs }).toEqual({
        tasks: 6,
        pausedMs,
      });
    },
  );
});
