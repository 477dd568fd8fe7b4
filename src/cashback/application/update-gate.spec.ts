import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeUnitOfWork } from '../../../test/support/fakes/fake-unit-of-work.js';
import { InMemoryActions } from '../../../test/support/fakes/in-memory-operations.js';
import {
  type InMemoryWorker,
  inMemoryWorker,
  numberOf,
} from '../../../test/support/fakes/in-memory-worker.js';
import { Money } from '../../kernel/domain/money.js';
import { PauseAccrual, ResumeAccrual, UpdateGate } from './update-gate.js';

const points = { kind: 'processed', accrual: Money.exact('1') } as const;

describe(PauseAccrual.name, () => {
  let worker: InMemoryWorker;
  let pause: PauseAccrual;
  let resume: ResumeAccrual;
  let actions: InMemoryActions;

  beforeEach(() => {
    worker = inMemoryWorker();
    const updateGate = new UpdateGate(new FakeUnitOfWork(), worker.gates);
    actions = new InMemoryActions();
    pause = new PauseAccrual(updateGate, actions);
    resume = new ResumeAccrual(updateGate, actions);
  });

  it('stops all requests, settles those in flight, and loses nothing', async () => {
    worker.upload('1');
    await worker.processor.round();
    await expect(pause.execute('ann')).resolves.toBe(true);
    worker.upload('2');
    worker.gateway.script('2', points);
    worker.gateway.answer('1', points);
    worker.clock.advance(60_000);
    await worker.round();
    expect(worker.gateway.requested).toEqual([numberOf('1').value]);
    expect(worker.accounts.balance).toBe('1');
    await expect(resume.execute('bob')).resolves.toBe(60_000);
    await worker.round();
    expect(worker.gateway.requested).toEqual([numberOf('1').value, numberOf('2').value]);
    expect(worker.accounts.balance).toBe('2');
  });

  it('sends no probe either', async () => {
    worker.gates.state = { breakerOpen: true, permits: 0, nextProbeAt: worker.clock.ms };
    worker.upload('1');
    await pause.execute('ann');
    worker.clock.advance(10_000);
    await worker.round();
    expect(worker.gateway.requested).toEqual([]);
  });

  it('counts from the first time when it is done twice', async () => {
    await pause.execute('ann');
    worker.clock.advance(1_000);
    await expect(pause.execute('ann')).resolves.toBe(false);
    worker.clock.advance(1_000);
    await expect(resume.execute('bob')).resolves.toBe(2_000);
    await expect(resume.execute('bob')).resolves.toBeUndefined();
  });
});
