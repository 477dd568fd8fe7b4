import type { Transaction } from '../../../shared/application/transaction.js';
import type { AccrualGate } from '../../domain/accrual-gate.js';

/** The one gate of all replicas, with the database's clock. */
export abstract class GateRepository {
  abstract read(): Promise<AccrualGate>;

  /** Locks the gate until the end of the transaction. */
  abstract lock(transaction: Transaction): Promise<AccrualGate>;

  abstract save(transaction: Transaction, gate: AccrualGate): Promise<void>;
}
