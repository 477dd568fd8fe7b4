import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeUnitOfWork } from '../../../../test/support/fakes/fake-unit-of-work.js';
import {
  type InMemoryWorker,
  inMemoryWorker,
  numberOf,
} from '../../../../test/support/fakes/in-memory-worker.js';
import { Money } from '../../../kernel/domain/money.js';
import { type AccrualReply, Task } from '../../domain/task.js';
import { UpdateGate } from '../update-gate.js';
import { AccrualHealth } from './accrual-health.js';

const FAULT: AccrualReply = { kind: 'fault', reason: 'status 500' };
const ANSWER: AccrualReply = { kind: 'processed', accrual: Money.exact('1') };
const OUT = 'warn no request to the accrual system is answered: status 500';
const OVER = 'warn the accrual system answers again';

describe(AccrualHealth.name, () => {
  let worker: InMemoryWorker;
  /** `level message`, in order. */
  let logged: string[];

  beforeEach(() => {
    worker = inMemoryWorker();
    logged = [];
    const at =
      (level: string) =>
      (message: unknown): void =>
        void logged.push(`${level} ${String(message)}`);
    Logger.overrideLogger({ log: at('log'), warn: at('warn'), error: at('error') });
  });

  afterEach(() => void Logger.overrideLogger(false));

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      worker.clock.advance(100);
      await worker.round();
    }
  }

  describe.each([1, 2, 8])('while %i orders wait and none is answered', (count) => {
    const ids = Array.from({ length: count }, (_, i) => `${i + 1}`);

    beforeEach(() => {
      worker.upload(...ids);
      for (const id of ids) worker.gateway.script(id, ...Array<AccrualReply>(200).fill(FAULT));
    });

    it('tells operators within seconds: the log once, the gate, and each task', async () => {
      const began = worker.clock.ms;
      await pass(4_000);
      expect(logged).toEqual([OUT]);
      expect(worker.gates.state).toMatchObject({
        unansweredSince: began + 100,
        unansweredReason: 'status 500',
      });
      for (const id of ids)
        expect(worker.queue.tasks.get(id)).toMatchObject({ tries: 0, reason: 'status 500' });
      await pass(60_000);
      expect(logged).toEqual([OUT]);
      expect([...worker.queue.tasks.values()].filter(({ tries }) => tries > 0)).toEqual([]);
    });

    it('says once when it is over', async () => {
      await pass(10_000);
      for (const id of ids) worker.gateway.script(id, ANSWER);
      await pass(5_000);
      expect(worker.accounts.balance).toBe(`${count}`);
      expect(logged).toEqual([OUT, OVER]);
      expect(worker.gates.state).toMatchObject({
        breakerOpen: false,
        unansweredSince: undefined,
        unansweredReason: undefined,
      });
    });
  });

  it('tells of a single request that hangs for the whole time-out', async () => {
    worker.upload('1');
    await worker.processor.round();
    worker.clock.advance(5_000);
    worker.gateway.answer('1', { kind: 'fault', reason: 'no reply within 5000 ms' });
    await worker.processor.idle();
    worker.clock.advance(3_000);
    await worker.processor.round();
    expect(logged).toEqual([
      'warn no request to the accrual system is answered: no reply within 5000 ms',
    ]);
    await worker.processor.stop();
  });

  it('tells nothing of an order that fails while others are answered', async () => {
    worker.upload('1');
    worker.gateway.script('1', ...Array<AccrualReply>(200).fill(FAULT));
    for (let second = 0; second < 20; second++) {
      worker.upload(`9${second}`);
      worker.gateway.script(`9${second}`, ANSWER);
      await pass(1_000);
    }
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'FAILED', tries: 3 });
    expect(logged.filter((line) => line.includes('accrual system'))).toEqual([]);
  });

  describe('beside another replica', () => {
    const [task, other] = ['1', '2'].map(
      (orderId) =>
        new Task(
          {
            orderId,
            userId: 'ann',
            number: numberOf(orderId),
            attempt: 1,
            tries: 0,
            priority: 'FRESH',
            ageMs: 0,
          },
          { maxTries: 3, spacing: { minMs: 1_000, maxMs: 600_000 } },
        ),
    ) as [Task, Task];
    let failing: AccrualHealth;
    let answered: AccrualHealth;

    beforeEach(() => {
      const updateGate = new UpdateGate(new FakeUnitOfWork(), worker.gates);
      failing = new AccrualHealth(updateGate, worker.clock);
      answered = new AccrualHealth(updateGate, worker.clock);
    });

    const follow = async (health: AccrualHealth): Promise<void> =>
      health.follow(await worker.gates.read(), worker.clock.monotonicMs());
    const fail = async (): Promise<void> => {
      failing.faulted(task, 'status 500');
      worker.clock.advance(3_000);
      await failing.tick();
    };
    const isOut = (): boolean => worker.gates.state.unansweredSince !== undefined;

    it('has the outage end with an answer to any of them', async () => {
      await fail();
      expect(isOut()).toBe(true);
      await follow(answered);
      await answered.answered(other);
      expect(isOut()).toBe(false);
      expect(logged).toEqual([OUT, OVER]);
    });

    it('logs an outage of its own once, though the other one is answered', async () => {
      for (let i = 0; i < 10; i++) {
        await fail();
        expect(isOut()).toBe(true);
        await follow(answered);
        await answered.answered(other);
        await follow(failing);
        await failing.tick();
        expect(isOut()).toBe(false);
      }
      expect(logged.filter((line) => line === OUT)).toHaveLength(1);
    });

    it('logs the next outage, though the end of the last was seen by the other', async () => {
      await fail();
      await follow(answered);
      await answered.answered(other);
      await follow(failing);
      worker.clock.advance(60_000);
      await fail();
      expect(logged).toEqual([OUT, OVER, OUT]);
    });

    it('does not believe a gate that was read before it was told the end', async () => {
      await fail();
      const readAt = worker.clock.monotonicMs();
      const before = await worker.gates.read();
      worker.clock.advance(1);
      await failing.answered(task);
      failing.follow(before, readAt);
      await failing.answered(task);
      expect(logged).toEqual([OUT, OVER]);
    });
  });
});
