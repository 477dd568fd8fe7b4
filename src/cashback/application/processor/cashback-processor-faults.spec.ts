import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
  numberOf,
} from '../../../../test/support/fakes/in-memory-worker.js';
import { eventually } from '../../../../test/support/eventually.js';
import { Money } from '../../../kernel/domain/money.js';
import type { AccrualReply } from '../../domain/task.js';
import { CashbackProcessor } from './cashback-processor.js';

const FAULT: AccrualReply = { kind: 'fault', reason: 'status 500' };
const points = (sum: string): AccrualReply => ({ kind: 'processed', accrual: Money.exact(sum) });

describe(`${CashbackProcessor.name}, when requests fail`, () => {
  let worker: InMemoryWorker;

  beforeEach(() => {
    worker = inMemoryWorker();
  });

  it('spends tries on faults only while others are answered, and parks with the last', async () => {
    worker.upload('1');
    worker.gateway.script('1', FAULT, FAULT, FAULT, points('5'));
    for (let i = 0; i < 3; i++) {
      worker.upload(`9${i}`);
      worker.gateway.script(`9${i}`, points('1'));
      await worker.round();
      worker.clock.advance(300_000);
    }
    expect(worker.queue.tasks.get('1')).toMatchObject({
      status: 'FAILED',
      tries: 3,
      reason: 'status 500',
    });
    expect(worker.orders.shown('1')).toBe('PROCESSING');
    expect(worker.metrics.counted.filter((each) => each === 'parked')).toEqual(['parked']);
    await worker.round();
    expect(
      worker.gateway.requested.filter((number) => number === numberOf('1').value),
    ).toHaveLength(3);
  });

  it('spends no try in an outage, probes once a second, then works off the backlog', async () => {
    const ids = ['1', '2', '3', '4', '5', '6', '7', '8'];
    worker.upload(...ids);
    for (const id of ids) worker.gateway.script(id, ...Array<AccrualReply>(200).fill(FAULT));
    await worker.round();
    expect(worker.gates.state.breakerOpen).toBe(false);
    worker.clock.advance(1_000);
    await worker.round();
    expect(worker.gates.state.breakerOpen).toBe(true);
    worker.gateway.requested.length = 0;
    for (let ms = 0; ms < 60_000; ms += 100) {
      worker.clock.advance(100);
      await worker.round();
    }
    expect(worker.gateway.requested.length).toBeGreaterThan(50);
    expect(worker.gateway.requested.length).toBeLessThanOrEqual(60);
    expect(
      [...worker.queue.tasks.values()].filter(
        ({ tries, status }) => tries > 0 || status === 'FAILED',
      ),
    ).toEqual([]);
    for (const id of ids) worker.gateway.script(id, points('1'));
    worker.clock.advance(1_500);
    await worker.round();
    await worker.round();
    expect(worker.accounts.balance).toBe('8');
  });

  it('probes once a second while probes hang, and spends no try on them after that', async () => {
    const ids = ['1', '2', '3', '4', '5', '6', '7', '8'];
    worker.upload(...ids);
    worker.gates.state = { breakerOpen: true, permits: 0, nextProbeAt: worker.clock.ms };
    for (let second = 0; second < 3; second++) {
      await worker.processor.round();
      worker.clock.advance(1_000);
    }
    const hanging = [...worker.gateway.requested];
    expect(hanging).toHaveLength(3);
    for (const id of ids) worker.gateway.script(id, points('1'));
    await worker.processor.round();
    await eventually('the system answers again', () => worker.accounts.balance === '5');
    for (const number of hanging) worker.gateway.answer(number.slice(0, -1), FAULT);
    await worker.round();
    const late = [...worker.queue.tasks.values()];
    expect(late).toHaveLength(3);
    expect(late.map(({ tries, status }) => ({ tries, status }))).toEqual(
      late.map(() => ({ tries: 0, status: 'PENDING' })),
    );
  });

  it('credits an order at once beside one that fails each time', async () => {
    worker.upload('1');
    worker.gateway.script('1', ...Array<AccrualReply>(200).fill(FAULT));
    for (let ms = 0; ms < 30_000; ms += 100) {
      worker.clock.advance(100);
      await worker.round();
    }
    worker.upload('2');
    worker.gateway.script('2', points('1'));
    await worker.round();
    expect(worker.accounts.balance).toBe('1');
  });
});
