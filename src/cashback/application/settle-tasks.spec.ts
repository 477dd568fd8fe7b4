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
    return (await worker.claimTasks.execute({ hands: 10, doubtful: 10, isProbe: false })).tasks;
  }

  const settle = (
    ...verdicts: ReturnType<Task['answered']>[]
  ): ReturnType<SettleTasks['execute']> =>
    worker.settleTasks.execute(verdicts.map((verdict, i) => ({ verdict, entryId: `entry ${i}` })));

  it('brings a whole list into the books', async () => {
    const [one, two, three] = (await claim('1', '2', '3')) as [Task, Task, Task];
    const outcomes = await settle(
      one.answered(FIVE, 0),
      two.answered({ kind: 'invalid' }, 0),
      three.answered({ kind: 'calculating' }, 0),
    );
    expect(outcomes).toEqual([{ value: 'settled' }, { value: 'settled' }, { value: 'settled' }]);
    expect(['1', '2', '3'].map((id) => worker.orders.shown(id))).toEqual([
      'PROCESSED 5',
      'INVALID',
      'PROCESSING',
    ]);
    expect([...worker.queue.tasks.keys()]).toEqual(['3']);
    expect(worker.accounts.balance).toBe('5');
  });

  it('changes nothing for an answer that comes after its lease was taken over', async () => {
    const [late] = (await claim('1')) as [Task];
    worker.clock.advance(30_000);
    const [current] = (await claim()) as [Task];
    expect(await settle(late.answered(FIVE, 0))).toEqual([{ value: 'too-late' }]);
    expect(worker.orders.shown('1')).toBe('NEW');
    expect(await settle(current.answered({ kind: 'invalid' }, 0))).toEqual([{ value: 'settled' }]);
    expect(worker.orders.shown('1')).toBe('INVALID');
    expect(worker.accounts.balance).toBe('0');
  });

  it('changes nothing for a late answer in one list with the one that is in time', async () => {
    const [late] = (await claim('1')) as [Task];
    worker.clock.advance(30_000);
    const [current] = (await claim()) as [Task];
    const outcomes = await settle(
      late.answered(FIVE, 0),
      current.answered({ kind: 'calculating' }, 0),
    );
    expect(outcomes).toEqual([{ value: 'too-late' }, { value: 'settled' }]);
    expect(worker.orders.shown('1')).toBe('PROCESSING');
    expect(worker.accounts.balance).toBe('0');
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'PENDING' });
  });

  it('credits nothing where the order had its final answer before', async () => {
    const [one] = (await claim('1')) as [Task];
    await settle(one.answered(FIVE, 0));
    worker.queue.put('1', one.number);
    const [again] = (await claim()) as [Task];
    expect(await settle(again.answered({ kind: 'invalid' }, 0))).toEqual([{ value: 'settled' }]);
    expect(worker.orders.shown('1')).toBe('PROCESSED 5');
    expect(worker.accounts.balance).toBe('5');
    expect(worker.queue.tasks.size).toBe(0);
  });

  it('gives the list up for an award that the account cannot take', async () => {
    worker.accounts.fill('9999999999999.99');
    const [one] = (await claim('1')) as [Task];
    await expect(settle(one.answered(FIVE, 0))).rejects.toThrow(CreditRefused);
  });
});
