import { Injectable } from '@nestjs/common';
import {
  decide,
  GroupCommit,
  type Outcome,
} from '../../kernel/application/batches/group-commit.js';
import { BatchMetrics } from '../../kernel/application/batches/ports.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import { UnitOfWork } from '../../kernel/application/unit-of-work.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import type { OrderNumber } from '../../kernel/domain/order-number.js';
import type { Trace } from '../../kernel/domain/trace.js';
import { Order, UploadRequested, type UploadResult } from '../domain/order.js';
import { OrderRepository } from './ports.js';

/**
 * A user uploads an order number; `id` is the new order's, made once per upload so that a repeated
 * commit is recognised.
 */
export interface Upload {
  readonly id: string;
  readonly userId: string;
  readonly number: OrderNumber;
  readonly trace?: Trace | undefined;
}

/** Uploads a batch of order numbers: the first user to upload a number owns it for ever. */
@Injectable()
export class UploadOrders {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly orders: OrderRepository,
    private readonly events: DomainEvents,
  ) {}

  /**
   * A number that is free though it was to be stored has a first uploader who is gone: the others
   * of the batch who upload it are judged again, without that user.
   */
  async execute(uploads: readonly Upload[]): Promise<Outcome<UploadResult>[]> {
    const orders = firstOfEachNumber(uploads);
    const stored = await this.store(orders);
    const owners = byNumber([...stored, ...(await this.others(orders, stored))]);
    const free = byNumber(orders.filter(({ number }) => !owners.has(number.value)));
    const gone = new Set([...free.values()].map(({ userId }) => userId));
    const again = uploads.filter(
      ({ userId, number }) => free.has(number.value) && !gone.has(userId),
    );
    const judged = again.length > 0 ? await this.execute(again) : [];
    const outcomes = new Map(again.map((upload, i) => [upload, judged[i]]));
    return uploads.map(
      (upload) =>
        outcomes.get(upload) ?? decide(() => ownerOf(owners, upload).answerUpload(upload)),
    );
  }

  /** Those orders whose numbers were new. */
  private store(orders: readonly Order[]): Promise<readonly Order[]> {
    const requests = orders.map(({ id }) => new UploadRequested(id));
    return this.unitOfWork.run(async (transaction) => {
      const added = this.orders.add(transaction, orders);
      await this.events.publish(transaction, UploadRequested, requests);
      return added;
    });
  }

  /**
   * Those orders that stood under the other numbers before. They are read in a transaction of their
   * own, because which numbers were new is not known before the first one has committed.
   */
  private async others(
    orders: readonly Order[],
    stored: readonly Order[],
  ): Promise<readonly Order[]> {
    if (stored.length === orders.length) return [];
    const news = byNumber(stored);
    const numbers = orders.map(({ number }) => number).filter(({ value }) => !news.has(value));
    return this.unitOfWork.run((transaction) => this.orders.byNumbers(transaction, numbers));
  }
}

function firstOfEachNumber(uploads: readonly Upload[]): readonly Order[] {
  const firsts = new Map<string, Order>();
  for (const { id, userId, number, trace } of uploads)
    if (!firsts.has(number.value))
      firsts.set(number.value, Order.upload(id, userId, number, trace));
  return [...firsts.values()];
}

function byNumber(orders: readonly Order[]): ReadonlyMap<string, Order> {
  return new Map(orders.map((order) => [order.number.value, order]));
}

function ownerOf(owners: ReadonlyMap<string, Order>, { number }: Upload): Order {
  const order = owners.get(number.value);
  if (!order) throw new UserMissing();
  return order;
}

/** Where single uploads wait for the commit they share. */
@Injectable()
export class UploadCommits extends GroupCommit<Upload, UploadResult> {
  constructor(uploadOrders: UploadOrders, metrics: BatchMetrics) {
    super((uploads) => uploadOrders.execute(uploads), {}, metrics.of('uploads'));
  }
}
