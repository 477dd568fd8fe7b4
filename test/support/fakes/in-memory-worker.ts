import { Logger } from '@nestjs/common';
import { CreditPoints } from '../../../src/account/application/credit-points.js';
import {
  AccrualGateway,
  CashbackMetrics,
  RequestAborted,
  type ResolutionResult,
} from '../../../src/cashback/application/ports.js';
import { AccrualHealth } from '../../../src/cashback/application/processor/accrual-health.js';
import { UpdateGate } from '../../../src/cashback/application/update-gate.js';
import { CashbackProcessor } from '../../../src/cashback/application/processor/cashback-processor.js';
import type { CashbackSettings } from '../../../src/cashback/cashback.settings.js';
import { ClaimTasks } from '../../../src/cashback/application/processor/claim-tasks.js';
import { ResolutionCommits, SettleTasks } from '../../../src/cashback/application/settle-tasks.js';
import { ResolveTask } from '../../../src/cashback/application/resolve-task.js';
import type { AccrualReply } from '../../../src/cashback/domain/task.js';
import { SettleOrders } from '../../../src/orders/application/settle-orders.js';
import { IdGenerator } from '../../../src/kernel/application/ports.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { FakeClock } from './fake-clock.js';
import { CountedBatches, FakeUnitOfWork } from './fake-unit-of-work.js';
import { InMemoryAccounts, InMemoryOrders } from './in-memory-books.js';
import { InMemoryGates, InMemoryQueue } from './in-memory-queue.js';

/** Replies as a test scripts it. A request without a script hangs until `answer` or `abortAll`. */
export class ScriptedGateway extends AccrualGateway {
  /** The numbers of all requests so far, in order. */
  readonly requested: string[] = [];
  readonly #replies = new Map<string, (AccrualReply | Error)[]>();
  readonly #hanging = new Map<
    string,
    { readonly resolve: (reply: AccrualReply) => void; readonly reject: (error: Error) => void }
  >();

  constructor(private readonly unitOfWork: FakeUnitOfWork) {
    super();
  }

  script(orderId: string, ...replies: (AccrualReply | Error)[]): void {
    this.#replies.set(numberOf(orderId).value, replies);
  }

  answer(orderId: string, reply: AccrualReply): void {
    const { value } = numberOf(orderId);
    this.#hanging.get(value)?.resolve(reply);
    this.#hanging.delete(value);
  }

  get hanging(): number {
    return this.#hanging.size;
  }

  request({ value }: OrderNumber): Promise<AccrualReply> {
    if (this.unitOfWork.open) throw new Error('a request inside a transaction');
    this.requested.push(value);
    const reply = this.#replies.get(value)?.shift();
    if (reply instanceof Error) return Promise.reject(reply);
    if (reply) return Promise.resolve(reply);
    return new Promise((resolve, reject) => this.#hanging.set(value, { resolve, reject }));
  }

  abortAll(): void {
    for (const { reject } of this.#hanging.values())
      reject(new RequestAborted('the service stops'));
    this.#hanging.clear();
  }
}

/** `id 1`, `id 2`, … */
class SequentialIds extends IdGenerator {
  #last = 0;

  next(): string {
    return `id ${++this.#last}`;
  }
}

class CountedMetrics extends CashbackMetrics {
  readonly counted: string[] = [];

  replied(): void {
    throw new Error('the gateway counts replies');
  }

  resolved(result: ResolutionResult): void {
    this.counted.push(
      result.kind === 'processed' ? `processed ${result.points.toString()}` : result.kind,
    );
  }
}

const SETTINGS = {
  register: false,
  enabled: true,
  accrualAddress: '',
  tickMs: 1,
  concurrency: 10,
  timeoutMs: 5_000,
  leaseMs: 30_000,
  rules: { maxTries: 3, spacing: { minMs: 1_000, maxMs: 600_000 } },
};

/** The whole worker of one process, without a database, a socket or a real clock. */
export function inMemoryWorker(overrides: Partial<CashbackSettings> = {}) {
  Logger.overrideLogger(false);
  const settings: CashbackSettings = { ...SETTINGS, ...overrides };
  const clock = new FakeClock();
  const unitOfWork = new FakeUnitOfWork();
  const queue = new InMemoryQueue(clock);
  const gates = new InMemoryGates(clock);
  const orders = new InMemoryOrders();
  const accounts = new InMemoryAccounts();
  const gateway = new ScriptedGateway(unitOfWork);
  const metrics = new CountedMetrics();
  const settleTasks = new SettleTasks(
    unitOfWork,
    queue,
    new SettleOrders(orders),
    new CreditPoints(accounts),
  );
  const resolveTask = new ResolveTask(
    new ResolutionCommits(settleTasks, new CountedBatches()),
    settings,
    metrics,
    new SequentialIds(),
  );
  const claimTasks = new ClaimTasks(unitOfWork, gates, queue, settings, clock);
  const health = new AccrualHealth(new UpdateGate(unitOfWork, gates), clock);
  const processor = new CashbackProcessor(
    claimTasks,
    gateway,
    health,
    resolveTask,
    clock,
    settings,
  );
  return {
    clock,
    queue,
    gates,
    orders,
    accounts,
    gateway,
    metrics,
    resolveTask,
    settleTasks,
    claimTasks,
    processor,
    settings,
    /** Uploads orders named 1, 2, … */
    upload: (...orderIds: string[]) => {
      for (const orderId of orderIds) {
        orders.put(orderId, numberOf(orderId));
        queue.put(orderId, numberOf(orderId));
      }
    },
    /** Claims, sends the requests, and settles what is answered. */
    round: async () => {
      await processor.round();
      await processor.idle();
    },
  };
}

export type InMemoryWorker = ReturnType<typeof inMemoryWorker>;

export function numberOf(orderId: string): OrderNumber {
  return OrderNumber.withCheckDigit(orderId);
}
