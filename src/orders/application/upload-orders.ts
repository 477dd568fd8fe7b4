import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import { GroupCommit } from '../../kernel/application/group-commit.js';
import { decide, type Outcome } from '../../kernel/application/outcome.js';
import { Clock } from '../../kernel/application/system.js';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import { Order, OrderUploaded, type UploadResult } from '../domain/order.js';
import { OrderRepository } from './ports.js';

/**
 * A user uploads an order number; `id` is the new order's, made once per upload so that a repeated
 * commit is recognised.
 */
export interface Upload {
  readonly id: string;
  readonly userId: string;
  readonly number: OrderNumber;
}

/** Uploads a list of order numbers: the first user to upload a number owns it for ever. */
@Injectable()
export class UploadOrders {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly orders: OrderRepository,
    private readonly events: DomainEvents,
    private readonly clock: Clock,
  ) {}

  async execute(uploads: readonly Upload[]): Promise<Outcome<UploadResult>[]> {
    const now = this.clock.now();
    const standing = await this.store(
      uploads.map(({ id, userId, number }) => Order.upload(id, userId, number, now)),
    );
    return uploads.map((upload) => decide(() => ownerOf(standing, upload).answerUpload(upload)));
  }

  /**
   * The orders that stand under these numbers afterwards: the first ones, or those that were there
   * before.
   */
  private async store(orders: readonly Order[]): Promise<ReadonlyMap<string, Order>> {
    const firsts = [...firstOfEachNumber(orders)];
    const added = await this.unitOfWork.run(async (transaction) => {
      const events = firsts.map(
        (order) => new OrderUploaded(order.id, order.snapshot().uploadedAt),
      );
      const adding = await this.orders.add(transaction, firsts);
      await this.events.publish(transaction, OrderUploaded, events);
      return adding;
    });
    const standing = new Map(added().map((order) => [order.number.value, order]));
    for (const order of await this.others(firsts, standing))
      standing.set(order.number.value, order);
    // Whoever came first in the list may be gone: the number is the next one's then.
    const gone = new Set(
      firsts.filter(({ number }) => !standing.has(number.value)).map(({ userId }) => userId),
    );
    const next = orders.filter(
      ({ number, userId }) => !standing.has(number.value) && !gone.has(userId),
    );
    return next.length === 0 ? standing : new Map([...standing, ...(await this.store(next))]);
  }

  /**
   * In a transaction of its own: that of the upload does not wait to hear which numbers were new.
   */
  private async others(
    firsts: readonly Order[],
    added: ReadonlyMap<string, Order>,
  ): Promise<readonly Order[]> {
    const numbers = firsts.map(({ number }) => number).filter(({ value }) => !added.has(value));
    return numbers.length === 0
      ? []
      : this.unitOfWork.run((transaction) => this.orders.byNumbers(transaction, numbers));
  }
}

function firstOfEachNumber(orders: readonly Order[]): Iterable<Order> {
  const firsts = new Map<string, Order>();
  for (const order of orders)
    if (!firsts.has(order.number.value)) firsts.set(order.number.value, order);
  return firsts.values();
}

function ownerOf(standing: ReadonlyMap<string, Order>, { number }: Upload): Order {
  const order = standing.get(number.value);
  if (!order) throw new UserMissing();
  return order;
}

/** Where single uploads wait for the commit they share. */
@Injectable()
export class UploadCommits extends GroupCommit<Upload, UploadResult> {
  constructor(uploadOrders: UploadOrders) {
    super((uploads) => uploadOrders.execute(uploads));
  }
}
