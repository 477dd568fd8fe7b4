import { Injectable } from '@nestjs/common';
import { decide, type Outcome } from '../../kernel/application/batches/group-commit.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Trace } from '../../kernel/domain/trace.js';
import type { Order } from '../domain/order.js';
import { OrderRepository } from './ports.js';

/** What is now known of an order; `accrual` is zero where nothing was awarded. */
export type Settlement = { readonly orderId: string } & (
  | { readonly status: 'PROCESSING' }
  | { readonly status: 'INVALID' }
  | { readonly status: 'PROCESSED'; readonly accrual: Money }
);

/** The order that a settlement moved. */
export interface SettledOrder {
  readonly userId: string;
  readonly number: OrderNumber;
  /** Of its upload. */
  readonly trace?: Trace | undefined;
}

/** Orders that a transaction has locked, to be settled in it. */
export interface OrdersToSettle {
  /**
   * Moves the orders in memory and has them stored with the commit. One outcome for each
   * settlement: the order it moved, or OrderIsFinal.
   */
  settle(settlements: readonly Settlement[]): Outcome<SettledOrder>[];
}

/** Moves a batch of orders to what the accrual system said of them. */
@Injectable()
export class SettleOrders {
  constructor(private readonly orders: OrderRepository) {}

  /** Locks the orders that may be settled, before it is known which of them will be. */
  async lock(transaction: Transaction, orderIds: readonly string[]): Promise<OrdersToSettle> {
    const orders = await this.orders.lock(transaction, orderIds);
    return {
      settle: (settlements) => {
        const outcomes = settlements.map((settlement) =>
          decide(() => settle(orders.get(settlement.orderId), settlement)),
        );
        this.orders.save(transaction, [...orders.values()]);
        return outcomes;
      },
    };
  }
}

function settle(order: Order | undefined, settlement: Settlement): SettledOrder {
  if (!order) throw new Error(`order ${settlement.orderId} does not exist`);
  if (settlement.status === 'PROCESSING') order.startProcessing();
  else if (settlement.status === 'INVALID') order.markInvalid();
  else order.markProcessed(settlement.accrual);
  const { userId, number, trace } = order.snapshot();
  return { userId, number, trace };
}
