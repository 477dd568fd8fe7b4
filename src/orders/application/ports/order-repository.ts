import type { Transaction } from '../../../shared/application/transaction.js';
import type { Order } from '../../domain/order.js';

/** Where orders are kept. */
export abstract class OrderRepository {
  /**
   * Stores the orders whose numbers are new, one for each number, and returns for every number the order that stands under it: the
   * given one, or the one that was there first; for none whose user does not exist.
   */
  abstract addNew(transaction: Transaction, orders: readonly Order[]): Promise<ReadonlyMap<string, Order>>;

  /** Locks orders until the end of the transaction, in the order of their ids; by id. */
  abstract lock(transaction: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, Order>>;

  /** Stores what has changed: status and accrual. */
  abstract save(transaction: Transaction, orders: readonly Order[]): Promise<void>;
}
