import { Injectable } from '@nestjs/common';
import { decide, type Outcome } from '../../kernel/application/outcome.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Money } from '../../kernel/domain/money.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { Order } from '../domain/order.js';
import { OrderRepository } from './ports.js';

/** What is now known of an order; `accrual` zero where nothing was awarded. */
export type Settlement = { readonly orderId: string } & (
  | { readonly status: 'PROCESSING' }
  | { readonly status: 'INVALID' }
  | { readonly status: 'PROCESSED'; readonly accrual: Money }
);

/** The order that a settlement moved. */
export interface SettledOrder {
  readonly userId: string;
  readonly number: OrderNumber;
}

/** Orders that a transaction has locked, to be settled in it. */
export type LockedOrders = ReadonlyMap<string, Order>;

/** Moves a list of orders to what the accrual system said of them. */
@Injectable()
export class SettleOrders {
  constructor(private readonly orders: OrderRepository) {}

  /** Locks the orders that may be settled, before it is known which of them will be. */
  lock(transaction: Transaction, orderIds: readonly string[]): Promise<LockedOrders> {
    return this.orders.lock(transaction, orderIds);
  }

  /** One outcome for each settlement: the order it moved, or OrderIsFinal. */
  async execute(
    transaction: Transaction,
    orders: LockedOrders,
    settlements: readonly Settlement[],
  ): Promise<Outcome<SettledOrder>[]> {
    const outcomes = settlements.map((settlement) =>
      decide(() => settle(orders.get(settlement.orderId), settlement)),
    );
    await this.orders.save(transaction, [...orders.values()]);
    return outcomes;
  }
}

function settle(order: Order | undefined, settlement: Settlement): SettledOrder {
  if (!order) throw new Error(`order ${settlement.orderId} does not exist`);
  if (settlement.status === 'PROCESSING') order.startProcessing();
  else if (settlement.status === 'INVALID') order.markInvalid();
  else order.markProcessed(settlement.accrual);
  const { userId, number } = order.snapshot();
  return { userId, number };
}
