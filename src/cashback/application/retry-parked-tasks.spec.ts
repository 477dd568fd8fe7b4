import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeUnitOfWork } from '../../../test/support/fakes/fake-unit-of-work.js';
import {
  InMemoryActions,
  InMemoryOverview,
  InMemoryParkedTasks,
} from '../../../test/support/fakes/in-memory-operations.js';
import {
  type InMemoryWorker,
  inMemoryWorker,
  numberOf,
} from '../../../test/support/fakes/in-memory-worker.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { type ParkedSelection, ParkedTasks, type PutBack } from './ports.js';
import { RetryAllParkedTasks, RetryParkedTasks } from './retry-parked-tasks.js';

const number = (orderId: string): string => numberOf(orderId).value;

describe(RetryParkedTasks.name, () => {
  let worker: InMemoryWorker;
  let overview: InMemoryOverview;
  let retry: RetryParkedTasks;
  let actions: InMemoryActions;

  beforeEach(() => {
    worker = inMemoryWorker();
    overview = new InMemoryOverview(worker.queue, worker.clock);
    actions = new InMemoryActions();
    retry = new RetryParkedTasks(
      new FakeUnitOfWork(),
      new InMemoryParkedTasks(worker.queue, worker.clock),
      overview,
      actions,
    );
  });

  const park = (orderId: string): void => {
    worker.upload(orderId);
    Object.assign(worker.queue.tasks.get(orderId) ?? {}, {
      status: 'FAILED',
      tries: 3,
      reason: 'status 500',
    });
  };

  it('tells what happened to each number, in the order given', async () => {
    park('1');
    worker.upload('2');
    overview.settled.set(number('3'), 'PROCESSED');
    const retried = await retry.execute(['4', '3', '2', '1'].map(number), 'ann');
    expect(retried).toEqual([
      { number: number('4'), outcome: undefined },
      { number: number('3'), outcome: { kind: 'no task', orderStatus: 'PROCESSED' } },
      {
        number: number('2'),
        outcome: {
          kind: 'task',
          task: expect.objectContaining({ number: number('2'), status: 'PENDING' }) as unknown,
        },
      },
      { number: number('1'), outcome: 'put back' },
    ]);
    expect(actions.recorded).toMatchObject([
      { action: 'queue retry', by: 'ann', target: number('1') },
    ]);
  });

  it('has the worker request again, with no try spent', async () => {
    park('1');
    await retry.execute([number('1')], 'ann');
    worker.gateway.script('1', { kind: 'invalid' });
    await worker.round();
    expect(worker.gateway.requested).toEqual([number('1')]);
    expect(worker.queue.tasks.size).toBe(0);
  });

  it('does nothing the second time', async () => {
    park('1');
    await retry.execute([number('1')], 'ann');
    expect((await retry.execute([number('1')], 'ann'))[0]?.outcome).toMatchObject({
      kind: 'task',
      task: { status: 'PENDING' },
    });
  });
});

/** So many parked tasks; a worker parks each again as soon as it is put back. */
class EverParked extends ParkedTasks {
  readonly selections: ParkedSelection[] = [];

  constructor(private readonly parked: number) {
    super();
  }

  putBack(): Promise<never> {
    throw new Error('no number was named');
  }

  putBackNext(_: Transaction, selection: ParkedSelection): Promise<PutBack> {
    this.selections.push(selection);
    const begin = Number(selection.after ?? 0);
    const end = Math.min(this.parked, begin + selection.limit);
    return Promise.resolve({
      orders: Array.from({ length: end - begin }, (_, i) => ({
        number: String(begin + i),
        userId: 'ann',
      })),
      last: end - begin < selection.limit ? undefined : String(end),
    });
  }
}

describe(RetryAllParkedTasks.name, () => {
  it.each([
    [0, 1],
    [9_999, 1],
    [10_000, 2],
    [25_000, 3],
  ])('puts %i tasks back, each once, in %i batches', async (count, batches) => {
    const parked = new EverParked(count);
    const actions = new InMemoryActions();
    const retryAll = new RetryAllParkedTasks(new FakeUnitOfWork(), parked, actions);
    await expect(retryAll.execute('bob', 'status 500')).resolves.toBe(count);
    expect(actions.recorded).toHaveLength(count);
    expect(parked.selections).toHaveLength(batches);
    expect(parked.selections.every(({ reason }) => reason === 'status 500')).toBe(true);
  });
});
