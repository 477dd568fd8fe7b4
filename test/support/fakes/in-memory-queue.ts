import {
  GateRepository,
  QueueRepository,
  type Shares,
} from '../../../src/cashback/application/ports.js';
import { AccrualGate } from '../../../src/cashback/domain/accrual-gate.js';
import type { GateSnapshot } from '../../../src/cashback/domain/gate-snapshot.js';
import type {
  Resolution,
  TaskPriority,
  TaskResolution,
  TaskSnapshot,
} from '../../../src/cashback/domain/task.js';
import type { Deferred, Transaction } from '../../../src/kernel/application/unit-of-work.js';
import type { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import type { FakeClock } from './fake-clock.js';

interface QueuedTask {
  readonly number: OrderNumber;
  readonly enqueuedAt: number;
  status: Exclude<TaskResolution['status'], 'gone'> | 'PROCESSING';
  tries: number;
  attempt: number;
  priority: TaskPriority;
  dueAt: number;
  changedAt: number;
  reason?: string;
}

/** A claim that prefers no priority. */
export const EVEN_SHARES: Shares = {
  weights: { FRESH: 1, RETRIED: 1, SUSPECT: 1 },
  offsets: { FRESH: 0, RETRIED: 0, SUSPECT: 0 },
  suspects: 1_000,
};

const PRIORITIES = ['FRESH', 'RETRIED', 'SUSPECT'] as const;

/** The queue in memory, on a fake clock: it does what the port promises. */
export class InMemoryQueue extends QueueRepository {
  readonly tasks = new Map<string, QueuedTask>();

  constructor(private readonly clock: FakeClock) {
    super();
  }

  put(orderId: string, number: OrderNumber): void {
    const { ms } = this.clock;
    this.tasks.set(orderId, {
      number,
      enqueuedAt: ms,
      status: 'PENDING',
      tries: 0,
      attempt: 0,
      priority: 'FRESH',
      dueAt: ms,
      changedAt: ms,
    });
  }

  add(): Deferred<number> {
    throw new Error('no test uploads here');
  }

  claim(
    limit: number,
    { weights, offsets, suspects }: Shares,
    leaseMs: number,
  ): Promise<TaskSnapshot[]> {
    const turns = PRIORITIES.flatMap((priority) =>
      this.#due(priority)
        .slice(0, priority === 'SUSPECT' ? suspects : limit)
        .map((entry, i) => ({ entry, turn: (i + offsets[priority]) / weights[priority] })),
    );
    const chosen = turns.sort((one, other) => one.turn - other.turn).slice(0, limit);
    return this.#lease(
      leaseMs,
      chosen.map(({ entry }) => entry),
    );
  }

  claimProbe(leaseMs: number): Promise<TaskSnapshot[]> {
    const probe = this.#due('FRESH').at(-1) ?? this.#due('RETRIED')[0] ?? this.#due('SUSPECT')[0];
    return this.#lease(leaseMs, probe ? [probe] : []);
  }

  #due(priority: TaskPriority): [string, QueuedTask][] {
    return [...this.tasks].filter(
      ([, task]) =>
        task.priority === priority && task.status !== 'FAILED' && task.dueAt <= this.clock.ms,
    );
  }

  #lease(leaseMs: number, chosen: [string, QueuedTask][]): Promise<TaskSnapshot[]> {
    return Promise.resolve(
      chosen.map(([orderId, task]) => {
        if (task.status === 'PROCESSING') task.tries++;
        task.status = 'PROCESSING';
        task.attempt++;
        task.changedAt = this.clock.ms;
        task.dueAt = this.clock.ms + leaseMs;
        const { number, attempt, tries, priority } = task;
        return {
          orderId,
          userId: 'ann',
          number,
          attempt,
          tries,
          priority,
          ageMs: this.clock.ms - task.enqueuedAt,
        };
      }),
    );
  }

  reschedule(leaseMs: number, longestWaitMs: number): Promise<number> {
    const { ms } = this.clock;
    const late = [...this.tasks.values()].filter(
      ({ status, changedAt, dueAt }) =>
        status !== 'FAILED' &&
        (changedAt > ms || dueAt > ms + (status === 'PROCESSING' ? leaseMs : longestWaitMs)),
    );
    for (const task of late) {
      const waitMs = task.dueAt - task.changedAt;
      const leftMs = waitMs > longestWaitMs ? 0 : waitMs;
      task.changedAt = ms;
      task.dueAt = ms + (task.status === 'PROCESSING' ? leaseMs : leftMs);
    }
    return Promise.resolve(late.length);
  }

  lockOwn(_: Transaction, resolutions: readonly Resolution[]): Promise<ReadonlySet<Resolution>> {
    const own = resolutions.filter(({ orderId, attempt }) => {
      const task = this.tasks.get(orderId);
      return task?.status === 'PROCESSING' && task.attempt === attempt;
    });
    return Promise.resolve(new Set(own));
  }

  store(_: Transaction, resolutions: readonly Resolution[]): void {
    for (const { orderId, task: resolution } of resolutions) {
      const task = this.tasks.get(orderId);
      if (!task) continue;
      if (resolution.status === 'gone') {
        this.tasks.delete(orderId);
        continue;
      }
      task.status = resolution.status;
      task.tries = resolution.tries;
      task.changedAt = this.clock.ms;
      if (resolution.reason !== undefined) task.reason = resolution.reason;
      if (resolution.status === 'PENDING') {
        task.priority = resolution.priority;
        task.dueAt = this.clock.ms + resolution.dueInMs;
      }
    }
  }
}

export class InMemoryGates extends GateRepository {
  state: GateSnapshot = { breakerOpen: false, permits: 0 };
  /** The database's failure, as long as it is set. */
  failure: Error | undefined;

  constructor(private readonly clock: FakeClock) {
    super();
  }

  read(): Promise<AccrualGate> {
    return this.lock();
  }

  lock(): Promise<AccrualGate> {
    return this.failure
      ? Promise.reject(this.failure)
      : Promise.resolve(AccrualGate.restore(this.state, this.clock.ms));
  }

  save(_: Transaction, gate: AccrualGate): void {
    this.state = { ...gate.snapshot(), savedAt: this.clock.ms };
  }
}
