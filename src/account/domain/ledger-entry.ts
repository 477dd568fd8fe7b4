import type { Money } from '../../shared/domain/money.js';
import type { OrderNumber } from '../../shared/domain/order-number.js';

export type EntryKind = 'ACCRUAL' | 'WITHDRAWAL';

/** One movement of points on an account. Entries are only ever added. */
export interface LedgerEntry {
  readonly id: string;
  readonly accountId: string;
  /** The account's version that this entry made: 1, 2, 3 … without a gap. */
  readonly version: bigint;
  readonly kind: EntryKind;
  readonly amount: Money;
  readonly balanceAfter: Money;
  readonly orderNumber: OrderNumber;
  readonly at: Date;
}
