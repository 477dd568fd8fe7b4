import type { TaskRules } from './domain/task.js';

/** What an operator may set of the cashback worker; times in milliseconds. */
export abstract class CashbackSettings {
  abstract readonly enabled: boolean;
  abstract readonly accrualAddress: string;
  /** How often due tasks are looked for when nothing else wakes the worker. */
  abstract readonly tickMs: number;
  /** Orders asked about at once by this replica. */
  abstract readonly concurrency: number;
  /** For a whole reply of the accrual system. */
  abstract readonly timeoutMs: number;
  /** A worker silent for so long loses its tasks. */
  abstract readonly leaseMs: number;
  abstract readonly rules: TaskRules;
}
