import type { OnceCommitted, Transaction } from '../../kernel/application/unit-of-work.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Order } from '../domain/order.js';

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

/** A user's orders as they are shown: a read model, built where the data is. */
export abstract class OrderHistory {
  /**
   * The JSON array of the user's orders, newest first:
   * `[{"number","status","accrual"?,"uploaded_at"}]`; in pieces where they are many. Null where
   * there are none, undefined where there is no such user.
   */
  abstract of(userId: string): Promise<string | AsyncIterable<string> | null | undefined>;
}
