import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
} from '../../../test/support/fakes/in-memory-worker.js';
import { ConnectionLost } from '../../kernel/application/persistence-errors.js';
import { Money } from '../../kernel/domain/money.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Task, Verdict } from '../domain/task.js';
import { SettleVerdict } from './settle-verdict.js';

const answer = (points: string) => ({ kind: 'processed', accrual: Money.exact(points) }) as const;

describe(SettleVerdict.name, () => {
  let worker: InMemoryWorker;
  let tasks: readonly Task[];

  async function start(leaseMs: number, ...orderIds: string[]): Promise<void> {
    worker = inMemoryWorker({ leaseMs });
    worker.upload(...orderIds);
    ({ tasks } = await worker.claimTasks.execute({ hands: 10, doubtful: 10, isProbe: false }));
  }

  /** The database loses so many commits before it comes back. */
  function loseCommits(count: number): void {
    const store = worker.queue.store.bind(worker.queue);
    let lost = 0;
    worker.queue.store = (transaction: Transaction, verdicts: readonly Verdict[]) => {
      if (lost++ < count) throw new ConnectionLost('away');
      store(transaction, verdicts);
    };
  }

  beforeEach(() => start(30_000, '1', '2'));

  it('tries again until the database is back', async () => {
    loseCommits(1);
    const [one] = tasks as [Task];
    await worker.settle.execute(one.postponed(0), one);
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'PENDING', tries: 0 });
    expect(worker.metrics.counted).toEqual(['settled']);
  });

  it('gives up when the lease is over: somebody else asks then', async () => {
    await start(250, '1');
    loseCommits(100);
    const [one] = tasks as [Task];
    await expect(worker.settle.execute(one.postponed(0), one)).rejects.toThrow(ConnectionLost);
    expect(worker.queue.tasks.get('1')?.status).toBe('PROCESSING');
  });

  it('parks the award that the account cannot take', async () => {
    worker.accounts.fill('9999999999999.99');
    const [one] = tasks as [Task];
    await worker.settle.execute(one.answered(answer('5'), 0), one);
    expect(worker.queue.tasks.get('1')).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining('the books refuse it'),
    });
    expect(worker.metrics.counted).toEqual(['settled', 'parked']);
    expect(worker.accounts.balance).toBe('9999999999999.99');
  });

  it('parks what the ledger holds an award for already', async () => {
    const [one] = tasks as [Task];
    worker.accounts.credited.push(one.number.value);
    await worker.settle.execute(one.answered(answer('5'), 0), one);
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'FAILED' });
    expect(worker.accounts.balance).toBe('0');
  });
});
