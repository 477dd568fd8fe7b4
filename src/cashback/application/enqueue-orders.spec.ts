import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type FakeTransaction,
  FakeUnitOfWork,
} from '../../../test/support/fakes/fake-unit-of-work.js';
import { OrderUploaded } from '../../orders/index.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import type { OnceCommitted, Transaction } from '../../kernel/application/unit-of-work.js';
import { EnqueueOrders, WakeUp } from './enqueue-orders.js';
import type { NewTask, QueueRepository } from './ports.js';

const AT = new Date('2026-01-02T03:04:05Z');
const UPLOADED = [new OrderUploaded('order 1', AT), new OrderUploaded('order 2', AT)];

describe(EnqueueOrders.name, () => {
  let unitOfWork: FakeUnitOfWork;
  let events: DomainEvents;
  let seen: string[];
  let failure: Error | undefined;
  /** Tasks that the queue adds. */
  let count: number;

  beforeEach(() => {
    unitOfWork = new FakeUnitOfWork();
    events = new DomainEvents();
    seen = [];
    failure = undefined;
    count = UPLOADED.length;
    const add = (
      transaction: Transaction,
      tasks: readonly NewTask[],
    ): Promise<OnceCommitted<number>> => {
      const where = transaction === unitOfWork.open ? 'inside' : 'outside';
      seen.push(
        ...tasks.map(
          ({ orderId, enqueuedAt }) => `${orderId}, ${enqueuedAt.toISOString()}, ${where}`,
        ),
      );
      return failure
        ? Promise.reject(failure)
        : Promise.resolve((transaction as FakeTransaction).onceCommitted(count));
    };
    const wakeUp = new WakeUp();
    wakeUp.onCall(() =>
      seen.push(
        `woken after ${unitOfWork.commits} commits, ${unitOfWork.open ? 'inside' : 'outside'}`,
      ),
    );
    new EnqueueOrders({ add } as unknown as QueueRepository, wakeUp, events);
  });

  const upload = (): Promise<void> =>
    unitOfWork.run((transaction) => events.publish(transaction, OrderUploaded, UPLOADED));

  it('stores tasks in the transaction that stores their orders, and wakes the worker after it', async () => {
    await upload();
    expect(seen).toEqual([
      'order 1, 2026-01-02T03:04:05.000Z, inside',
      'order 2, 2026-01-02T03:04:05.000Z, inside',
      'woken after 1 commits, outside',
    ]);
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
