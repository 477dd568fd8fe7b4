import {
  AccountMetrics,
  AccountRepository,
  Accounts,
} from '../../../src/account/application/ports.js';
import { Account } from '../../../src/account/domain/account.js';
import { Payments } from '../../../src/account/domain/payments.js';
import { OrderRepository } from '../../../src/orders/application/ports.js';
import { Order } from '../../../src/orders/domain/order.js';
import { StaleState } from '../../../src/kernel/application/persistence-errors.js';
import type { Deferred, Transaction } from '../../../src/kernel/application/unit-of-work.js';
import { Money } from '../../../src/kernel/domain/money.js';
import type { OrderNumber } from '../../../src/kernel/domain/order-number.js';

/** Orders and one account in memory, for what settles them. */
export class InMemoryOrders extends OrderRepository {
  readonly #orders = new Map<string, Order>();

  put(id: string, number: OrderNumber): void {
    this.#orders.set(id, Order.upload(id, 'ann', number));
  }

  /** Status and points, as a customer would see them. */
  shown(id: string): string {
    const { status, accrual } = this.#order(id).snapshot();
    return accrual ? `${status} ${accrual.toString()}` : status;
  }

  add(): Deferred<readonly Order[]> {
    throw new Error('nobody uploads here');
  }

  byNumbers(): Promise<Order[]> {
    throw new Error('nobody uploads here');
  }

  lock(_: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, Order>> {
    return Promise.resolve(
      new Map(ids.map((id) => [id, Order.restore(this.#order(id).snapshot())])),
    );
  }

  save(_: Transaction, orders: readonly Order[]): void {
    for (const order of orders) this.#orders.set(order.id, order);
  }

  #order(id: string): Order {
    const order = this.#orders.get(id);
    if (!order) throw new Error(`there is no order ${id}`);
    return order;
  }
}

export class InMemoryAccounts extends AccountRepository {
  #account = Account.restore({
    userId: 'ann',
    balance: Money.ZERO,
    withdrawn: Money.ZERO,
    version: 0n,
  });
  readonly credited: string[] = [];

  get balance(): string {
    return this.#account.snapshot().balance.toString();
  }

  /** Starts with so many points. */
  fill(points: string): void {
    this.#account = Account.restore({ ...this.#account.snapshot(), balance: Money.exact(points) });
  }

  open(): void {
    throw new Error('nobody registers here');
  }

  setBlocked(): Promise<void> {
    throw new Error('nobody is blocked here');
  }

  lock(): Promise<Accounts> {
    return Promise.resolve(new Accounts([Account.restore(this.#account.snapshot())]));
  }

  payments(): Promise<Payments> {
    throw new Error('nobody pays here');
  }

  entry(): Promise<undefined> {
    throw new Error('nobody corrects here');
  }

  sums(): Promise<never> {
    throw new Error('nobody recounts here');
  }

  save(_: Transaction, { changed: [account] }: Accounts): void {
    if (!account) return;
    const numbers = account.newEntries.map(({ orderNumber }) => orderNumber?.value ?? '');
    if (numbers.some((number) => this.credited.includes(number)))
      throw new StaleState('credited before');
    this.credited.push(...numbers);
    this.#account = account;
  }
}

/** The sums of withdrawals that were charged. */
export class CountedWithdrawals extends AccountMetrics {
  readonly sums: string[] = [];

  spent(sums: readonly Money[]): void {
    this.sums.push(...sums.map((sum) => sum.toString()));
  }
}
