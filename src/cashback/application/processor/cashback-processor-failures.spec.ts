import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type InMemoryWorker,
  inMemoryWorker,
} from '../../../../test/support/fakes/in-memory-worker.js';
import { DatabaseUnavailable } from '../../../kernel/application/persistence-errors.js';
import type { AccrualReply } from '../../domain/task.js';
import { CashbackProcessor } from './cashback-processor.js';

const FAULT: AccrualReply = { kind: 'fault', reason: 'status 500' };

describe(`${CashbackProcessor.name}, when the database is away`, () => {
  let worker: InMemoryWorker;

  beforeEach(() => {
    worker = inMemoryWorker();
  });

  /** All tasks, once the database is back and the worker has stopped. */
  async function afterRecovery(): Promise<string[]> {
    worker.gates.failure = undefined;
    worker.clock.advance(10_000);
    await worker.processor.stop();
    return [...worker.queue.tasks.values()].map(({ status, tries }) => `${status} ${tries}`);
  }

  it('survives a claim that fails, and claims in the next round', async () => {
    worker.upload('1');
    worker.gateway.script('1', { kind: 'invalid' });
    worker.gates.failure = new DatabaseUnavailable('away');
    await worker.round();
    expect(worker.gateway.requested).toEqual([]);
    worker.gates.failure = undefined;
    await worker.round();
    expect(worker.orders.shown('1')).toBe('INVALID');
  });

  it('says once why nothing can be claimed, and when that is over', async () => {
    const lines: string[] = [];
    const warn = (line: string): unknown => lines.push(line);
    Logger.overrideLogger({ log: () => undefined, error: warn, warn });
    try {
      for (const why of ['away', 'away', 'disk full', undefined, undefined, 'away']) {
        worker.gates.failure = why === undefined ? why : new DatabaseUnavailable(why);
        await worker.round();
      }
    } finally {
      Logger.overrideLogger(false);
    }
    expect(lines).toEqual([
      'no tasks could be claimed: DatabaseUnavailable: away',
      'no tasks could be claimed: DatabaseUnavailable: disk full',
      'tasks can be claimed again',
      'no tasks could be claimed: DatabaseUnavailable: away',
    ]);
  });

  it('puts a task back that met 429 while the gate could not be updated', async () => {
    worker.upload('1');
    await worker.processor.round();
    worker.gates.failure = new DatabaseUnavailable('away');
    worker.gateway.answer('1', { kind: 'limited', pauseMs: 1_000 });
    await worker.processor.idle();
    await expect(afterRecovery()).resolves.toEqual(['PENDING 0']);
  });

  it('puts the tasks of an outage back though the gate could not be updated', async () => {
    const ids = ['1', '2', '3', '4', '5'];
    worker.upload(...ids);
    await worker.processor.round();
    worker.gates.failure = new DatabaseUnavailable('away');
    for (const id of ids) worker.gateway.answer(id, FAULT);
    await worker.processor.idle();
    await expect(afterRecovery()).resolves.toEqual(ids.map(() => 'PENDING 0'));
  });
});
