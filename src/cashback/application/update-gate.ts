import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import type { AccrualGate } from '../domain/accrual-gate.js';
import { GateRepository } from './ports.js';

/** Changes the gate of all replicas, one change after another. */
@Injectable()
export class UpdateGate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly gates: GateRepository,
  ) {}

  execute(update: (gate: AccrualGate) => void): Promise<void> {
    return this.unitOfWork.run(async (transaction) => {
      const gate = await this.gates.lock(transaction);
      update(gate);
      this.gates.save(transaction, gate);
    });
  }
}

/**
 * An operator stops all requests to the accrual system, of every replica, until they are resumed.
 * Requests in flight are still answered and settled.
 */
@Injectable()
export class PauseAccrual {
  constructor(private readonly updateGate: UpdateGate) {}

  /** Resolves with whether this made a difference: false where it was paused already. */
  async execute(): Promise<boolean> {
    let wasPaused = false;
    await this.updateGate.execute((gate) => {
      wasPaused = gate.isPausedByOperator;
      gate.pauseByOperator();
    });
    return !wasPaused;
  }
}

/** An operator lets all replicas send requests again; they find what is due within a tick. */
@Injectable()
export class ResumeAccrual {
  constructor(private readonly updateGate: UpdateGate) {}

  /** Resolves with how long it was paused, in milliseconds; undefined where it was not. */
  async execute(): Promise<number | undefined> {
    let pausedMs: number | undefined;
    await this.updateGate.execute((gate) => {
      pausedMs = gate.pausedByOperatorMs;
      gate.resumeByOperator();
    });
    return pausedMs;
  }
}
