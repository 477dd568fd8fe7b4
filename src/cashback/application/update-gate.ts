import { Injectable } from '@nestjs/common';
import { OperatorActions } from '../../journal/index.js';
import { type Transaction, UnitOfWork } from '../../kernel/application/unit-of-work.js';
import type { AccrualGate } from '../domain/accrual-gate.js';
import { GateRepository } from './ports.js';

/** Changes the gate of all replicas, one change after another. */
@Injectable()
export class UpdateGate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly gates: GateRepository,
  ) {}

  /** Resolves with what `update` returns. */
  execute<T>(update: (gate: AccrualGate, transaction: Transaction) => T): Promise<T> {
    return this.unitOfWork.run(async (transaction) => {
      const gate = await this.gates.lock(transaction);
      const result = update(gate, transaction);
      this.gates.save(transaction, gate);
      return result;
    });
  }
}

/**
 * An operator stops all requests to the accrual system, of every replica, until they are resumed.
 * Requests in flight are still answered and settled.
 */
@Injectable()
export class PauseAccrual {
  constructor(
    private readonly updateGate: UpdateGate,
    private readonly actions: OperatorActions,
  ) {}

  /** Resolves with whether this made a difference: false where it was paused already. */
  execute(by: string): Promise<boolean> {
    return this.updateGate.execute((gate, transaction) => {
      const isNew = !gate.isPausedByOperator;
      if (isNew) this.actions.record(transaction, [{ action: 'queue pause', by }]);
      gate.pauseByOperator();
      return isNew;
    });
  }
}

/** An operator lets all replicas send requests again; they find what is due within a tick. */
@Injectable()
export class ResumeAccrual {
  constructor(
    private readonly updateGate: UpdateGate,
    private readonly actions: OperatorActions,
  ) {}

  /** Resolves with how long it was paused, in milliseconds; undefined where it was not. */
  execute(by: string): Promise<number | undefined> {
    return this.updateGate.execute((gate, transaction) => {
      const pausedMs = gate.pausedByOperatorMs;
      if (pausedMs !== undefined)
        this.actions.record(transaction, [{ action: 'queue resume', by }]);
      gate.resumeByOperator();
      return pausedMs;
    });
  }
}
