import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeUnitOfWork } from '../../../../test/support/fakes/fake-unit-of-work.js';
import {
  type InMemoryWorker,
  inMemoryWorker,
  numberOf,
} from '../../../../test/support/fakes/in-memory-worker.js';
import { Money } from '../../../kernel/domain/money.js';
import { AdjustGate } from '../adjust-gate.js';
import { HoldAsking, ResumeAsking } from './pause-accrual.js';

const points = { kind: 'processed', accrual: Money.exact('1') } as const;

describe(HoldAsking.name, () => {
  let worker: InMemoryWorker;
  let hold: HoldAsking;
  let resume: ResumeAsking;

  beforeEach(() => {
    worker = inMemoryWorker();
    const adjustGate = new AdjustGate(new FakeUnitOfWork(), worker.gates);
    hold = new HoldAsking(adjustGate);
    resume = new ResumeAsking(adjustGate);
  });

  it('stops the questions, settles what was asked before, and loses nothing', async () => {
    worker.upload('1');
    await worker.processor.round();
    await expect(hold.execute()).resolves.toBe(true);
    worker.upload('2');
    worker.gateway.script('2', points);
    worker.gateway.answer('1', points);
    worker.clock.advance(60_000);
    await worker.round();
    expect(worker.gateway.asked).toEqual([numberOf('1').value]);
    expect(worker.accounts.balance).toBe('1');
    await expect(resume.execute()).resolves.toBe(60_000);
    await worker.round();
    expect(worker.gateway.asked).toEqual([numberOf('1').value, numberOf('2').value]);
    expect(worker.accounts.balance).toBe('2');
  });

  it('sends no probe either', async () => {
    worker.gates.state = { breakerOpen: true, permits: 0, nextProbeAt: worker.clock.ms };
    worker.upload('1');
    await hold.execute();
    worker.clock.advance(10_000);
    await worker.round();
    expect(worker.gateway.asked).toEqual([]);
  });

  it('done twice, counts from the first time', async () => {
    await hold.execute();
    worker.clock.advance(1_000);
    await expect(hold.execute()).resolves.toBe(false);
    worker.clock.advance(1_000);
    await expect(resume.execute()).resolves.toBe(2_000);
    await expect(resume.execute()).resolves.toBeUndefined();
  });
});
