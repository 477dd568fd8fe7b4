import {
  type JsonList,
  type JsonPage,
  type JsonText,
  type ListQuery,
  listOf,
} from '../../kernel/application/json-lists.js';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { type Order, OrderNotFound, type OrderStatus } from '../domain/order.js';

/** Where orders are kept. */
export abstract class OrderRepository {
  /**
   * Has those orders stored with the commit whose numbers are new and whose users exist; the value
   * is the orders that were. No two may have one number. The database says when they were uploaded
   * (ADR 0029); those of one batch have one time, and the order of their ids.
   */
  abstract add(transaction: Transaction, orders: readonly Order[]): Deferred<readonly Order[]>;

  /** The orders that stand under these numbers. */
  abstract byNumbers(transaction: Transaction, numbers: readonly OrderNumber[]): Promise<Order[]>;

  /** Locks orders until the end of the transaction, in the order of their ids; by id. */
  abstract lock(
    transaction: Transaction,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Order>>;

  /** Has status and accrual stored with the commit, of those orders in which they have changed. */
  abstract save(transaction: Transaction, orders: readonly Order[]): void;
}

/** A line of a user's list of orders, as it is shown. */
export interface OrderLine {
  readonly number: string;
  readonly status: OrderStatus;
  /** Points, exact to two decimals; absent where nothing was awarded. */
  readonly accrual?: number;
  /** RFC 3339. */
  readonly uploaded_at: string;
}

/** An order with its history, as it is shown. */
export interface OrderDetail extends OrderLine {
  /** Oldest first. Of orders of earlier versions, the steps whose time is known. */
  readonly history: readonly {
    readonly status: OrderStatus;
    /** RFC 3339. */
    readonly at: string;
  }[];
}

/** A user's orders as they are shown: a read model, written as JSON where the data is. */
export abstract class OrderQueries {
  /**
   * Some of them, newest first: the first ones of the query, or those after an earlier page.
   *
   * @throws UserMissing; UnknownPage; MomentInFuture.
   */
  abstract page(userId: string, query: ListQuery<OrderStatus>): Promise<JsonPage<OrderLine>>;

  /** The order with this number, which has digits only. @throws OrderNotFound; UserMissing. */
  protected abstract find(userId: string, number: string): Promise<JsonText<OrderDetail>>;

  /**
   * @param number as somebody wrote it.
   * @throws OrderNotFound, also where it is somebody else's, or no number; UserMissing.
   */
  async detail(userId: string, number: string): Promise<JsonText<OrderDetail>> {
    if (!/^\d+$/.test(number) || number.length > OrderNumber.MAX_DIGITS) throw new OrderNotFound();
    return this.find(userId, number);
  }

  /** Those of the query, newest first; all if it asks for nothing. @throws UserMissing */
  list(userId: string, query: ListQuery<OrderStatus> = {}): Promise<JsonList<OrderLine>> {
    return listOf(query, (page) => this.page(userId, page));
  }
}
