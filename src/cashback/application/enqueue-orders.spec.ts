import { beforeEach, describe, expect, it } from '@jest/globals';
import { deferred, FakeUnitOfWork } from '../../../test/support/fakes/fake-unit-of-work.js';
import { UploadRequested } from '../../orders/index.js';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import { EnqueueOrders, WakeUp } from './enqueue-orders.js';
import type { QueueRepository } from './ports.js';

const UPLOADS = [new UploadRequested('order 1'), new UploadRequested('order 2')];

describe(EnqueueOrders.name, () => {
  let unitOfWork: FakeUnitOfWork;
  let enqueueOrders: EnqueueOrders;
  let seen: string[];
  let failure: Error | undefined;
  /** Tasks that the queue adds. */
  let count: number;

  beforeEach(() => {
    unitOfWork = new FakeUnitOfWork();
    seen = [];
    failure = undefined;
    count = UPLOADS.length;
    const add = (transaction: Transaction, orderIds: readonly string[]): Deferred<number> => {
      const where = transaction === unitOfWork.open ? 'inside' : 'outside';
      seen.push(...orderIds.map((orderId) => `${orderId}, ${where}`));
      if (failure) throw failure;
      return deferred(count);
    };
    const wakeUp = new WakeUp();
    wakeUp.onCall(() =>
      seen.push(
        `woken after ${unitOfWork.commits} commits, ${unitOfWork.open ? 'inside' : 'outside'}`,
      ),
    );
    enqueueOrders = new EnqueueOrders({ add } as unknown as QueueRepository, wakeUp);
  });

  const upload = (): Promise<void> =>
    unitOfWork.run((transaction) => {
      enqueueOrders.execute(transaction, UPLOADS);
      return Promise.resolve();
    });

  it('stores tasks in the transaction of their orders, and wakes the worker after it', async () => {
    await upload();
    expect(seen).toEqual(['order 1, inside', 'order 2, inside', 'woken after 1 commits, outside']);
  });

  it('does not wake the worker when none of the numbers was new', async () => {
    count = 0;
    await upload();
    expect(seen.filter((line) => line.startsWith('woken'))).toEqual([]);
  });

  it('fails the upload when its task cannot be stored', async () => {
    failure = new Error('the queue is away');
    await expect(upload()).rejects.toThrow('the queue is away');
    expect(seen).toHaveLength(2);
    expect(unitOfWork.commits).toBe(0);
  });
});
