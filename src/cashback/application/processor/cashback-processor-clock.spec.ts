import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
} from '../../../../test/support/fakes/in-memory-worker.js';
import { Money } from '../../../kernel/domain/money.js';
import type { AccrualReply } from '../../domain/task.js';
import { CashbackProcessor } from './cashback-processor.js';

const FAULT: AccrualReply = { kind: 'fault', reason: 'status 500' };
const ANSWER: AccrualReply = { kind: 'processed', accrual: Money.exact('1') };
const limited = (pauseMs: number, ratePerMinute?: number): AccrualReply => ({
  kind: 'limited',
  pauseMs,
  ratePerMinute,
});

const HOUR = 3_600_000;

/** Both the service and its database run by the clock that is set. */
describe.each([-40_000, -HOUR, 40_000, HOUR])(
  `${CashbackProcessor.name}, when the clock is set by %i ms`,
  (step) => {
    let worker: InMemoryWorker;

    beforeEach(() => {
      worker = inMemoryWorker();
    });

    async function pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 100) {
        worker.clock.advance(100);
        await worker.round();
      }
    }

    function upload(...orderIds: string[]): void {
      worker.upload(...orderIds);
      for (const orderId of orderIds) worker.gateway.script(orderId, ANSWER);
    }

    it('requests what was uploaded before and after', async () => {
      await worker.round();
      upload('1');
      worker.clock.ms += step;
      upload('2');
      await worker.round();
      expect(worker.orders.shown('2')).toBe('PROCESSED 1');
      await pass(5_000);
      expect(worker.orders.shown('1')).toBe('PROCESSED 1');
    });

    it('keeps the pause of a 429: not shorter, and no longer than twice', async () => {
      worker.upload('1');
      worker.gateway.script('1', limited(2_000), ANSWER);
      await worker.round();
      worker.clock.ms += step;
      upload('2');
      await pass(1_900);
      expect(worker.gateway.requested).toHaveLength(1);
      await pass(2_200);
      expect(worker.orders.shown('2')).toBe('PROCESSED 1');
      await pass(5_000);
      expect(worker.orders.shown('1')).toBe('PROCESSED 1');
    });

    it('goes on up to the learnt limit', async () => {
      worker.upload('1');
      worker.gateway.script('1', limited(100, 600), ANSWER);
      await worker.round();
      await pass(200);
      worker.clock.ms += step;
      upload('2', '3', '4', '5', '6');
      await pass(2_000);
      expect(Number(worker.accounts.balance)).toBeGreaterThanOrEqual(5);
    });

    it('probes once a second in an outage', async () => {
      const ids = ['1', '2', '3', '4'];
      worker.upload(...ids);
      for (const id of ids) worker.gateway.script(id, ...Array<AccrualReply>(200).fill(FAULT));
      await pass(3_000);
      expect(worker.gates.state.breakerOpen).toBe(true);
      worker.clock.ms += step;
      await pass(6_000);
      worker.gateway.requested.length = 0;
      await pass(10_000);
      expect(worker.gateway.requested.length).toBeGreaterThanOrEqual(9);
      expect(worker.gateway.requested.length).toBeLessThanOrEqual(10);
      expect([...worker.queue.tasks.values()].map(({ tries }) => tries)).toEqual([0, 0, 0, 0]);
    });
  },
);

it.each([-40_000, -HOUR])(
  'dismisses a pending fault as soon as ever, though the clock is set by %i ms',
  async (step) => {
    const worker = inMemoryWorker();
    worker.upload('1');
    worker.gateway.script('1', FAULT);
    await worker.round();
    worker.clock.ms += step;
    worker.clock.advance(1_500);
    await worker.round();
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'PENDING', tries: 0 });
  },
);
