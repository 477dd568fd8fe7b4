import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
} from '../../../test/support/fakes/in-memory-worker.js';
import { ConnectionLost } from '../../kernel/application/persistence-errors.js';
import { Money } from '../../kernel/domain/money.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Resolution, Task } from '../domain/task.js';
import { ResolveTask } from './resolve-task.js';

const answer = (points: string) => ({ kind: 'processed', accrual: Money.exact(points) }) as const;

describe(ResolveTask.name, () => {
  let worker: InMemoryWorker;
  let tasks: readonly Task[];

  async function start(leaseMs: number, ...orderIds: string[]): Promise<void> {
    worker = inMemoryWorker({ leaseMs });
    worker.upload(...orderIds);
    ({ tasks } = await worker.claimTasks.execute({ slots: 10, suspects: 10, isProbe: false }));
  }

  /** So many commits fail before the database is back. */
  function loseCommits(count: number): void {
    const store = worker.queue.store.bind(worker.queue);
    let lost = 0;
    worker.queue.store = (transaction: Transaction, resolutions: readonly Resolution[]) => {
      if (lost++ < count) throw new ConnectionLost('away');
      store(transaction, resolutions);
    };
  }

  beforeEach(() => start(30_000, '1', '2'));

  it('tries again until the database is back', async () => {
    loseCommits(1);
    const [one] = tasks as [Task];
    await worker.resolveTask.execute(one.postponed(0), one);
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'PENDING', tries: 0 });
    expect(worker.metrics.counted).toEqual(['unfinished']);
  });

  it('gives up when the lease is over: another claim has the task then', async () => {
    await start(250, '1');
    loseCommits(100);
    const [one] = tasks as [Task];
    await expect(worker.resolveTask.execute(one.postponed(0), one)).rejects.toThrow(ConnectionLost);
    expect(worker.queue.tasks.get('1')?.status).toBe('PROCESSING');
  });

  it('parks the task when the account cannot take its points', async () => {
    worker.accounts.fill('9999999999999.99');
    const [one] = tasks as [Task];
    await worker.resolveTask.execute(one.answered(answer('5'), 0), one);
    expect(worker.queue.tasks.get('1')).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining('the books refuse it'),
    });
    expect(worker.metrics.counted).toEqual(['parked']);
    expect(worker.accounts.balance).toBe('9999999999999.99');
  });

  it('parks the task when the ledger has credited its order already', async () => {
    const [one] = tasks as [Task];
    worker.accounts.credited.push(one.number.value);
    await worker.resolveTask.execute(one.answered(answer('5'), 0), one);
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'FAILED' });
    expect(worker.accounts.balance).toBe('0');
  });
});
