import type { OnceCommitted, Transaction } from '../../../shared/application/transaction.js';
import type { OrderNumber } from '../../../shared/domain/order-number.js';
import type { Order } from '../../domain/order.js';

/** Where orders are kept. */
export abstract class OrderRepository {
  /**
   * Stores those orders whose numbers are new and whose users exist: these are what the commit
   * makes known. No two may have one number.
   */
  abstract add(
    transaction: Transaction,
    orders: readonly Order[],
  ): Promise<OnceCommitted<readonly Order[]>>;

  /** The orders that stand under these numbers. */
  abstract byNumbers(transaction: Transaction, numbers: readonly OrderNumber[]): Promise<Order[]>;

  /** Locks orders until the end of the transaction, in the order of their ids; by id. */
  abstract lock(
    transaction: Transaction,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Order>>;

  /** Stores what has changed: status and accrual. */
  abstract save(transaction: Transaction, orders: readonly Order[]): Promise<void>;
}
