import type { AccrualReply } from '../../domain/accrual-reply.js';
import type { SettleResult } from '../settle-tasks.js';

/** What an operator sees of the worker. */
export abstract class CashbackMetrics {
  abstract replied(kind: AccrualReply['kind'], seconds: number): void;
  abstract settled(result: SettleResult): void;
  abstract parked(): void;
}
