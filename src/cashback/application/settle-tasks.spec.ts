import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
} from '../../../test/support/fakes/in-memory-worker.js';
import { Money } from '../../kernel/domain/money.js';
import type { Task } from '../domain/task.js';
import { CreditRefused, SettleTasks } from './settle-tasks.js';

const FIVE = { kind: 'processed', accrual: Money.exact('5') } as const;

describe(SettleTasks.name, () => {
  let worker: InMemoryWorker;

  beforeEach(() => {
    worker = inMemoryWorker();
  });

  async function claim(...orderIds: string[]): Promise<readonly Task[]> {
    if (worker.queue.tasks.size === 0) worker.upload(...orderIds);
    return (await worker.claimTasks.execute({ slots: 10, suspects: 10, isProbe: false })).tasks;
  }

  const settle = (
    ...resolutions: ReturnType<Task['answered']>[]
  ): ReturnType<SettleTasks['execute']> =>
    worker.settleTasks.execute(
      resolutions.map((resolution, i) => ({ resolution, entryId: `entry ${i}` })),
    );

  it('stores a whole batch', async () => {
    const [one, two, three] = (await claim('1', '2', '3')) as [Task, Task, Task];
    const outcomes = await settle(
      one.answered(FIVE, 0),
      two.answered({ kind: 'invalid' }, 0),
      three.answered({ kind: 'calculating' }, 0),
    );
    expect(outcomes).toEqual([
      { value: { kind: 'processed', points: FIVE.accrual } },
      { value: { kind: 'refused' } },
      { value: { kind: 'unfinished' } },
    ]);
    expect(['1', '2', '3'].map((id) => worker.orders.shown(id))).toEqual([
      'PROCESSED 5',
      'INVALID',
      'PROCESSING',
    ]);
    expect([...worker.queue.tasks.keys()]).toEqual(['3']);
    expect(worker.accounts.balance).toBe('5');
  });

  it('changes nothing for a reply that comes when another claim has the task', async () => {
    const [late] = (await claim('1')) as [Task];
    worker.clock.advance(30_000);
    const [current] = (await claim()) as [Task];
    expect(await settle(late.answered(FIVE, 0))).toEqual([{ value: { kind: 'late' } }]);
    expect(worker.orders.shown('1')).toBe('NEW');
    expect(await settle(current.answered({ kind: 'invalid' }, 0))).toEqual([
      { value: { kind: 'refused' } },
    ]);
    expect(worker.orders.shown('1')).toBe('INVALID');
    expect(worker.accounts.balance).toBe('0');
  });

  it('changes nothing for a late reply in one batch with the one in time', async () => {
    const [late] = (await claim('1')) as [Task];
    worker.clock.advance(30_000);
    const [current] = (await claim()) as [Task];
    const outcomes = await settle(
      late.answered(FIVE, 0),
      current.answered({ kind: 'calculating' }, 0),
    );
    expect(outcomes).toEqual([{ value: { kind: 'late' } }, { value: { kind: 'unfinished' } }]);
    expect(worker.orders.shown('1')).toBe('PROCESSING');
    expect(worker.accounts.balance).toBe('0');
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'PENDING' });
  });

  it('parks a task', async () => {
    const [one] = (await claim('1')) as [Task];
    expect(await settle(one.parked('status 500'))).toEqual([{ value: { kind: 'parked' } }]);
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'FAILED', reason: 'status 500' });
  });

  it('credits nothing where no points were awarded', async () => {
    const [one] = (await claim('1')) as [Task];
    expect(await settle(one.answered({ kind: 'processed', accrual: Money.ZERO }, 0))).toEqual([
      { value: { kind: 'processed', points: Money.ZERO } },
    ]);
    expect(worker.accounts.credited).toEqual([]);
  });

  it('credits nothing where the order had its final status before', async () => {
    const [one] = (await claim('1')) as [Task];
    await settle(one.answered(FIVE, 0));
    worker.queue.put('1', one.number);
    const [again] = (await claim()) as [Task];
    expect(await settle(again.answered(FIVE, 0))).toEqual([{ value: { kind: 'unfinished' } }]);
    expect(worker.orders.shown('1')).toBe('PROCESSED 5');
    expect(worker.accounts.balance).toBe('5');
    expect(worker.queue.tasks.size).toBe(0);
  });

  it('stores nothing of the batch when an account cannot take the points', async () => {
    worker.accounts.fill('9999999999999.99');
    const [one] = (await claim('1')) as [Task];
    await expect(settle(one.answered(FIVE, 0))).rejects.toThrow(CreditRefused);
  });
});
