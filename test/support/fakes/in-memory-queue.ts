import {
  GateRepository,
  QueueRepository,
  type Shares,
} from '../../../src/cashback/application/ports.js';
import { AccrualGate, type GateSnapshot } from '../../../src/cashback/domain/accrual-gate.js';
import type {
  Standing,
  TaskSnapshot,
  TaskVerdict,
  Verdict,
} from '../../../src/cashback/domain/task.js';
import type { Deferred, Transaction } from '../../../src/kernel/application/unit-of-work.js';
import type { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import type { FakeClock } from './fake-clock.js';

interface QueuedTask {
  readonly number: OrderNumber;
  readonly enqueuedAt: number;
  status: Exclude<TaskVerdict['status'], 'gone'> | 'PROCESSING';
  tries: number;
  attempt: number;
  standing: Standing;
  dueAt: number;
  reason?: string;
}

const STANDINGS = ['FRESH', 'ASKED', 'DOUBTFUL'] as const;

/** The queue's contract in memory, on a fake clock. */
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
      standing: 'FRESH',
      dueAt: ms,
    });
  }

  add(): Deferred<number> {
    throw new Error('nobody uploads here');
  }

  claim(
    limit: number,
    { weights, offsets, doubtful }: Shares,
    leaseMs: number,
  ): Promise<TaskSnapshot[]> {
    const turns = STANDINGS.flatMap((standing) =>
      this.#due(standing)
        .slice(0, standing === 'DOUBTFUL' ? doubtful : limit)
        .map((entry, i) => ({ entry, turn: (i + offsets[standing]) / weights[standing] })),
    );
    const chosen = turns.sort((one, other) => one.turn - other.turn).slice(0, limit);
    return this.#lease(
      leaseMs,
      chosen.map(({ entry }) => entry),
    );
  }

  claimProbe(leaseMs: number): Promise<TaskSnapshot[]> {
    const probe = this.#due('FRESH').at(-1) ?? this.#due('ASKED')[0] ?? this.#due('DOUBTFUL')[0];
    return this.#lease(leaseMs, probe ? [probe] : []);
  }

  #due(standing: Standing): [string, QueuedTask][] {
    return [...this.tasks].filter(
      ([, task]) =>
        task.standing === standing && task.status !== 'FAILED' && task.dueAt <= this.clock.ms,
    );
  }

  #lease(leaseMs: number, chosen: [string, QueuedTask][]): Promise<TaskSnapshot[]> {
    return Promise.resolve(
      chosen.map(([orderId, task]) => {
        if (task.status === 'PROCESSING') task.tries++;
        task.status = 'PROCESSING';
        task.attempt++;
        task.dueAt = this.clock.ms + leaseMs;
        const { number, attempt, tries, standing } = task;
        return {
          orderId,
          userId: 'ann',
          number,
          attempt,
          tries,
          standing,
          ageMs: this.clock.ms - task.enqueuedAt,
        };
      }),
    );
  }

  lockOwn(_: Transaction, verdicts: readonly Verdict[]): Promise<ReadonlySet<Verdict>> {
    const own = verdicts.filter(({ orderId, attempt }) => {
      const task = this.tasks.get(orderId);
      return task?.status === 'PROCESSING' && task.attempt === attempt;
    });
    return Promise.resolve(new Set(own));
  }

  store(_: Transaction, verdicts: readonly Verdict[]): void {
    for (const { orderId, task: verdict } of verdicts) {
      const task = this.tasks.get(orderId);
      if (!task) continue;
      if (verdict.status === 'gone') {
        this.tasks.delete(orderId);
        continue;
      }
      task.status = verdict.status;
      task.tries = verdict.tries;
      if (verdict.status === 'FAILED') task.reason = verdict.reason;
      else {
        task.standing = verdict.standing;
        task.dueAt = this.clock.ms + verdict.dueInMs;
      }
    }
  }
}

export class InMemoryGates extends GateRepository {
  state: GateSnapshot = { breakerOpen: false, permits: 0 };
  /** What the database fails with, for so long as it is set. */
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
    this.state = gate.snapshot();
  }
}
