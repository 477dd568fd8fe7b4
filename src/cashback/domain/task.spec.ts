import { describe, expect, it } from '@jest/globals';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { longestWaitMs } from './spacing.js';
import { Task, type TaskSnapshot } from './task.js';

const RULES = { maxTries: 3, spacing: { minMs: 1_000, maxMs: 600_000 } };

const claimed = (state: Partial<TaskSnapshot> = {}): Task =>
  new Task(
    {
      orderId: 'order 1',
      userId: 'ann',
      number: OrderNumber.parse('18'),
      attempt: 4,
      tries: 1,
      priority: 'FRESH',
      ageMs: 100_000,
      ...state,
    },
    RULES,
  );

const HALF = 0.5;

describe(Task.name, () => {
  it('leaves the queue, and its order gets points', () => {
    expect(claimed().answered({ kind: 'processed', accrual: Money.exact('5') }, HALF)).toEqual({
      orderId: 'order 1',
      userId: 'ann',
      attempt: 4,
      order: { status: 'PROCESSED', accrual: Money.exact('5') },
      task: { status: 'gone' },
    });
  });

  it('leaves the queue, and its order none', () => {
    expect(claimed().answered({ kind: 'invalid' }, HALF)).toMatchObject({
      order: { status: 'INVALID' },
      task: { status: 'gone' },
    });
  });

  it('spends no try on "not yet", and is due again after a fifth of its age', () => {
    const dueAgain = { status: 'PENDING', dueInMs: 20_000, tries: 1 };
    expect(claimed().answered({ kind: 'calculating' }, HALF)).toMatchObject({
      order: { status: 'PROCESSING' },
      task: { ...dueAgain, priority: 'RETRIED', reason: 'not calculated yet' },
    });
    expect(claimed().answered({ kind: 'unknown' }, HALF)).toMatchObject({
      order: { status: 'unchanged' },
      task: { ...dueAgain, priority: 'SUSPECT', reason: 'not registered there' },
    });
  });

  it('spends a try on a fault of its own, and backs off', () => {
    expect(claimed({ tries: 0 }).faulted('status 500', HALF)).toMatchObject({
      order: { status: 'unchanged' },
      task: {
        status: 'PENDING',
        dueInMs: 375,
        tries: 1,
        priority: 'SUSPECT',
        reason: 'status 500',
      },
    });
    expect(claimed({ tries: 1 }).faulted('status 500', HALF)).toMatchObject({
      task: { dueInMs: 750, tries: 2 },
    });
  });

  it('is parked with the reason when the last try is spent; its order is PROCESSING', () => {
    expect(claimed({ tries: 2 }).faulted('status 500', HALF)).toMatchObject({
      order: { status: 'PROCESSING' },
      task: { status: 'FAILED', tries: 3, reason: 'status 500' },
    });
  });

  it('keeps as much of the reason as there is room for', () => {
    const [reason, kept] = ['x'.repeat(10_000), { reason: 'x'.repeat(500) }];
    expect(claimed().parked(reason).task).toMatchObject(kept);
    expect(claimed().caughtInOutage(reason, HALF).task).toMatchObject(kept);
    expect(claimed({ tries: 0 }).faulted(reason, HALF).task).toMatchObject(kept);
  });

  it('spends no try in an outage, and is due again within two seconds', () => {
    for (const random of [0, HALF, 1]) {
      const { order, task } = claimed().caughtInOutage('status 500', random);
      expect(order).toEqual({ status: 'unchanged' });
      expect(task).toEqual({
        status: 'PENDING',
        dueInMs: 500 + 1_000 * random,
        tries: 1,
        priority: 'RETRIED',
        reason: 'status 500',
      });
    }
  });

  it('stays a suspect through an outage and a 429', () => {
    const suspect = claimed({ priority: 'SUSPECT' });
    expect([
      suspect.caughtInOutage('status 500', HALF).task,
      suspect.postponed(0).task,
    ]).toMatchObject([{ priority: 'SUSPECT' }, { priority: 'SUSPECT' }]);
    expect(suspect.answered({ kind: 'calculating' }, HALF).task).toMatchObject({
      priority: 'RETRIED',
    });
  });

  it('is postponed as if it had not been claimed', () => {
    expect(claimed().postponed(60_000)).toMatchObject({
      order: { status: 'unchanged' },
      task: { status: 'PENDING', dueInMs: 60_000, tries: 1, priority: 'FRESH' },
    });
  });

  it('is postponed no longer than any other wait, however long the pause is', () => {
    expect(claimed().postponed(3_600_000).task).toMatchObject({ dueInMs: 600_000 });
    expect(longestWaitMs(RULES)).toBeCloseTo(720_000);
    expect(longestWaitMs({ spacing: { minMs: 10, maxMs: 20 } })).toBe(300_000);
  });

  it.each([
    [2, false],
    [3, true],
    [4, true],
  ])('after %d lost leases, exhausted: %s', (tries, exhausted) => {
    expect(claimed({ tries }).isExhausted).toBe(exhausted);
  });
});
