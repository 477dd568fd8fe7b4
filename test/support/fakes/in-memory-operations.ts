import {
  type ListedTask,
  type ParkedOrder,
  type ParkedSelection,
  ParkedTasks,
  type PutBack,
  QueueOverview,
  type QueueStatistics,
  type TaskList,
  type TaskStatus,
  type TaskLookup,
} from '../../../src/cashback/application/ports.js';
import { type OperatorAction, OperatorActions } from '../../../src/journal/index.js';
import type { Transaction } from '../../../src/kernel/application/unit-of-work.js';
import type { FakeClock } from './fake-clock.js';
import type { InMemoryQueue } from './in-memory-queue.js';

type Queued = InMemoryQueue['tasks'] extends Map<string, infer Task> ? Task : never;

/** What operators have changed, as the journal would have it. */
export class InMemoryActions extends OperatorActions {
  readonly recorded: OperatorAction[] = [];

  record(_: Transaction, actions: readonly OperatorAction[]): void {
    this.recorded.push(...actions);
  }
}

/** What an operator does to the queue in memory. */
export class InMemoryParkedTasks extends ParkedTasks {
  constructor(
    private readonly queue: InMemoryQueue,
    private readonly clock: FakeClock,
  ) {
    super();
  }

  putBack(_: Transaction, numbers: readonly string[]): Promise<readonly ParkedOrder[]> {
    const chosen = this.#parked().filter(([, { number }]) => numbers.includes(number.value));
    return Promise.resolve(this.#putBack(chosen));
  }

  putBackNext(
    _: Transaction,
    { after = '', reason = '', limit }: ParkedSelection,
  ): Promise<PutBack> {
    const chosen = this.#parked()
      .filter(
        ([orderId, task]) =>
          orderId > after && task.reason?.toLowerCase().includes(reason.toLowerCase()),
      )
      .slice(0, limit);
    return Promise.resolve({
      orders: this.#putBack(chosen),
      last: chosen.length < limit ? undefined : chosen.at(-1)?.[0],
    });
  }

  #parked(): [string, Queued][] {
    return [...this.queue.tasks]
      .filter(([, { status }]) => status === 'FAILED')
      .sort(([one], [other]) => (one < other ? -1 : 1));
  }

  #putBack(chosen: readonly [string, Queued][]): ParkedOrder[] {
    return chosen.map(([, task]) => {
      Object.assign(task, { status: 'PENDING', tries: 0, dueAt: this.clock.ms });
      return { number: task.number.value, userId: 'ann' };
    });
  }
}

/** What an operator sees of the queue in memory. `settled`: orders without a task, by number. */
export class InMemoryOverview extends QueueOverview {
  readonly settled = new Map<string, string>();

  constructor(
    private readonly queue: InMemoryQueue,
    private readonly clock: FakeClock,
  ) {
    super();
  }

  list(status: TaskStatus | 'all', limit: number): Promise<TaskList> {
    const all = this.#tasks().filter((task) => status === 'all' || task.status === status);
    return Promise.resolve({ tasks: all.slice(0, limit), total: all.length });
  }

  find(_: Transaction, numbers: readonly string[]): Promise<ReadonlyMap<string, TaskLookup>> {
    const tasks = this.#tasks().map((task): [string, TaskLookup] => [
      task.number,
      { kind: 'task', task },
    ]);
    const others = [...this.settled].map(([number, orderStatus]): [string, TaskLookup] => [
      number,
      { kind: 'no task', orderStatus },
    ]);
    return Promise.resolve(
      new Map([...tasks, ...others].filter(([number]) => numbers.includes(number))),
    );
  }

  statistics(): Promise<QueueStatistics> {
    const of = (status: TaskStatus): QueueStatistics[TaskStatus] => {
      const tasks = this.#tasks().filter((task) => task.status === status);
      const due = tasks.filter(({ dueInMs }) => status !== 'FAILED' && dueInMs <= 0);
      return {
        tasks: tasks.length,
        due: due.length,
        ...(due.length > 0 && { overdueMs: Math.max(...due.map(({ dueInMs }) => -dueInMs)) }),
        ...(tasks.length > 0 && { oldestMs: Math.max(...tasks.map(({ ageMs }) => ageMs)) }),
      };
    };
    return Promise.resolve({
      PENDING: of('PENDING'),
      PROCESSING: of('PROCESSING'),
      FAILED: of('FAILED'),
    });
  }

  #tasks(): ListedTask[] {
    return [...this.queue.tasks.values()].map(
      ({ number, status, tries, attempt, enqueuedAt, dueAt, reason }) => ({
        number: number.value,
        status,
        tries,
        requests: attempt,
        ageMs: this.clock.ms - enqueuedAt,
        unchangedMs: this.clock.ms - enqueuedAt,
        dueInMs: dueAt - this.clock.ms,
        ...(reason !== undefined && { reason }),
      }),
    );
  }
}
