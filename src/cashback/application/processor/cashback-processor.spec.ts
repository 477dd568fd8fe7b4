import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
  numberOf,
} from '../../../../test/support/fakes/in-memory-worker.js';
import { Money } from '../../../kernel/domain/money.js';
import type { AccrualReply } from '../../domain/task.js';
import { CashbackProcessor } from './cashback-processor.js';

const FAULT: AccrualReply = { kind: 'fault', reason: 'status 500' };
const points = (sum: string): AccrualReply => ({ kind: 'processed', accrual: Money.exact(sum) });

describe(CashbackProcessor.name, () => {
  let worker: InMemoryWorker;

  beforeEach(() => {
    worker = inMemoryWorker();
  });

  it('credits what is processed, and marks what is invalid, in one round', async () => {
    worker.upload('1', '2', '3');
    worker.gateway.script('1', points('729.98'));
    worker.gateway.script('2', { kind: 'invalid' });
    worker.gateway.script('3', points('0'));
    await worker.round();
    expect(['1', '2', '3'].map((id) => worker.orders.shown(id))).toEqual([
      'PROCESSED 729.98',
      'INVALID',
      'PROCESSED',
    ]);
    expect(worker.accounts.balance).toBe('729.98');
    expect(worker.queue.tasks.size).toBe(0);
    expect(worker.metrics.counted).toEqual(['processed 729.98', 'refused', 'processed 0']);
  });

  it('requests again what is not ready, when it is due and not before', async () => {
    worker.upload('1');
    worker.gateway.script('1', { kind: 'unknown' }, { kind: 'calculating' }, points('5'));
    await worker.round();
    expect(worker.orders.shown('1')).toBe('NEW');
    await worker.round();
    expect(worker.gateway.requested).toHaveLength(1);
    worker.clock.advance(1_200);
    await worker.round();
    expect(worker.orders.shown('1')).toBe('PROCESSING');
    worker.clock.advance(1_200);
    await worker.round();
    expect(worker.orders.shown('1')).toBe('PROCESSED 5');
    expect(worker.gateway.requested).toHaveLength(3);
  });

  it('sends no more requests at once than it may', async () => {
    worker = inMemoryWorker({ concurrency: 3 });
    worker.upload('1', '2', '3', '4', '5');
    await worker.processor.round();
    expect(worker.gateway.hanging).toBe(3);
    await worker.processor.round();
    expect(worker.gateway.requested).toHaveLength(3);
    worker.gateway.answer('1', { kind: 'invalid' });
    await worker.processor.stop();
    expect(worker.orders.shown('1')).toBe('INVALID');
  });

  it('begins with few requests, and sends more with each answer', async () => {
    worker = inMemoryWorker({ concurrency: 64 });
    const orders = Array.from({ length: 64 }, (_, i) => `${i + 1}`);
    worker.upload(...orders);
    await worker.processor.round();
    expect(worker.gateway.hanging).toBe(8);
    for (const order of orders.slice(0, 4)) worker.gateway.answer(order, { kind: 'invalid' });
    await new Promise((resolve) => setImmediate(resolve));
    await worker.processor.round();
    expect(worker.gateway.requested).toHaveLength(16);
    expect(worker.gateway.hanging).toBe(12);
    await worker.processor.stop();
  });

  it('settles one reply while another is slow', async () => {
    worker.upload('1', '2');
    worker.gateway.script('2', points('5'));
    await worker.processor.round();
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(worker.orders.shown('2')).toBe('PROCESSED 5');
    expect(worker.gateway.hanging).toBe(1);
    await worker.processor.stop();
  });

  it('sends no request in a pause, spends no try, and goes on when it is over', async () => {
    worker.upload('1', '2');
    worker.gateway.script(
      '1',
      { kind: 'limited', pauseMs: 60_000, ratePerMinute: undefined },
      points('5'),
    );
    worker.gateway.script(
      '2',
      { kind: 'limited', pauseMs: 60_000, ratePerMinute: undefined },
      points('7'),
    );
    await worker.round();
    worker.clock.advance(59_999);
    worker.upload('3');
    worker.gateway.script('3', points('1'));
    await worker.round();
    expect(worker.gateway.requested).toHaveLength(2);
    expect([...worker.queue.tasks.values()].map(({ tries }) => tries)).toEqual([0, 0, 0]);
    worker.clock.advance(1);
    await worker.round();
    expect(worker.accounts.balance).toBe('13');
  });

  it('sends no request for what was claimed while a 429 came in, and puts it back', async () => {
    worker.upload('1', '2', '3');
    for (const id of ['2', '3']) worker.gateway.script(id, points('1'));
    const claim = worker.queue.claim.bind(worker.queue);
    let claims = 0;
    worker.queue.claim = async (limit, shares, leaseMs) => {
      // The second claim is under way when the reply to the first request comes.
      if (++claims === 2) worker.gateway.answer('1', { kind: 'limited', pauseMs: 60_000 });
      for (let i = 0; claims === 2 && i < 10; i++) await Promise.resolve();
      return claim(claims === 1 ? 1 : limit, shares, leaseMs);
    };
    await worker.processor.round();
    await worker.round();
    expect(worker.gateway.requested).toEqual([numberOf('1').value]);
    expect(
      [...worker.queue.tasks.values()].map(({ status, dueAt, priority }) => ({
        status,
        dueAt,
        priority,
      })),
    ).toEqual(
      ['1', '2', '3'].map(() => ({
        status: 'PENDING',
        dueAt: worker.clock.ms + 60_000,
        priority: 'FRESH',
      })),
    );
  });

  it('puts its tasks back when it stops, at once and without spending a try', async () => {
    worker.upload('1', '2');
    await worker.processor.round();
    expect(worker.gateway.hanging).toBe(2);
    await worker.processor.stop();
    expect([...worker.queue.tasks.values()]).toMatchObject(
      ['1', '2'].map(() => ({
        status: 'PENDING',
        tries: 0,
        priority: 'FRESH',
        dueAt: worker.clock.ms,
      })),
    );
    await worker.processor.round();
    expect(worker.gateway.requested).toHaveLength(2);
  });

  it('puts back a task whose fault is not judged yet when it stops', async () => {
    worker.upload('1');
    worker.gateway.script('1', FAULT);
    await worker.round();
    expect(worker.queue.tasks.get('1')?.status).toBe('PROCESSING');
    await worker.processor.stop();
    expect(worker.queue.tasks.get('1')).toMatchObject({ status: 'PENDING', tries: 0 });
  });

  it('parks a task that lost all its workers, without one more request', async () => {
    worker.upload('1');
    Object.assign(worker.queue.tasks.get('1') ?? {}, { status: 'PROCESSING', tries: 2 });
    await worker.round();
    expect(worker.gateway.requested).toEqual([]);
    expect(worker.queue.tasks.get('1')).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining('workers were lost'),
    });
  });
});
