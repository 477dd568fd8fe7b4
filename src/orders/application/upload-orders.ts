import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/application/clock.js';
import { DomainEvents } from '../../shared/application/domain-events.js';
import { decide, type Outcome } from '../../shared/application/outcome.js';
import { UnitOfWork } from '../../shared/application/unit-of-work.js';
import type { OrderNumber } from '../../shared/domain/order-number.js';
import { Order, UploaderMissing, type UploadResult } from '../domain/order.js';
import { OrderUploaded } from '../domain/order-uploaded.js';
import { OrderRepository } from './ports/order-repository.js';

/** A user uploads an order number; `id` is the new order's, made once per upload so that a repeated commit is recognised. */
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

  execute(uploads: readonly Upload[]): Promise<Outcome<UploadResult>[]> {
    return this.unitOfWork.run(async (transaction) => {
      const uploaded = uploads.map(({ id, userId, number }) => Order.upload(id, userId, number, this.clock.now()));
      const standing = await this.orders.addNew(transaction, uploaded);
      const accepted = uploaded.filter(({ id, number }) => standing.get(number.value)?.id === id);
      const events = accepted.map((order) => new OrderUploaded(order.id, order.snapshot().uploadedAt));
      await this.events.publish(transaction, OrderUploaded, events);
      return uploads.map((upload) => decide(() => ownerOf(standing, upload).answerUpload(upload)));
    });
  }
}

function ownerOf(standing: ReadonlyMap<string, Order>, { number }: Upload): Order {
  const order = standing.get(number.value);
  if (!order) throw new UploaderMissing('a valid token of an existing user is required');
  return order;
}
