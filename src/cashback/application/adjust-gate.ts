import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import type { AccrualGate } from '../domain/accrual-gate.js';
import { GateRepository } from './ports.js';

/** Tells all replicas what one of them has just learnt of the accrual system. */
@Injectable()
export class AdjustGate {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly gates: GateRepository,
  ) {}

  execute(adjust: (gate: AccrualGate) => void): Promise<void> {
    return this.unitOfWork.run(async (transaction) => {
      const gate = await this.gates.lock(transaction);
      adjust(gate);
      this.gates.save(transaction, gate);
    });
  }
}
