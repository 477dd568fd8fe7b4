import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fake-clock.js';
import { FakeUnitOfWork } from '../../../test/support/fake-unit-of-work.js';
import type { Transaction } from '../../shared/application/transaction.js';
import { DomainEvents } from '../../shared/application/domain-events.js';
import { OrderNumber } from '../../shared/domain/order-number.js';
import { Order, OrderOfAnotherUser, UploaderMissing } from '../domain/order.js';
import { OrderUploaded } from '../domain/order-uploaded.js';
import { OrderRepository } from './ports/order-repository.js';
import { UploadOrders } from './upload-orders.js';

const A = OrderNumber.parse('12345678903');
const B = OrderNumber.parse('2377225624');

class Orders extends OrderRepository {
  readonly stored = new Map<string, Order>();

  addNew(_: Transaction, orders: readonly Order[]): Promise<ReadonlyMap<string, Order>> {
    for (const order of orders) {
      if (order.snapshot().userId === 'ghost') continue;
      if (!this.stored.has(order.number.value)) this.stored.set(order.number.value, order);
    }
    return Promise.resolve(this.stored);
  }

  lock(): Promise<ReadonlyMap<string, Order>> {
    throw new Error('an upload locks nothing');
  }

  save(): Promise<void> {
    throw new Error('an upload moves nothing');
  }
}

describe(UploadOrders.name, () => {
  let published: OrderUploaded[][];
  let uploadOrders: UploadOrders;

  beforeEach(() => {
    published = [];
    const events = new DomainEvents();
    const unitOfWork = new FakeUnitOfWork();
    events.subscribe(OrderUploaded, (uploaded, transaction) => {
      expect(transaction).toBe(unitOfWork.open);
      published.push([...uploaded]);
      return Promise.resolve();
    });
    uploadOrders = new UploadOrders(unitOfWork, new Orders(), events, new FakeClock());
  });

  it('answers each upload of a list on its own merits', async () => {
    const outcomes = await uploadOrders.execute([
      { id: '1', userId: 'ann', number: A },
      { id: '2', userId: 'ann', number: A },
      { id: '3', userId: 'bob', number: A },
      { id: '4', userId: 'bob', number: B },
    ]);
    expect(outcomes).toEqual([
      { value: 'accepted' },
      { value: 'already-uploaded' },
      { broken: expect.any(OrderOfAnotherUser) },
      { value: 'accepted' },
    ]);
  });

  it('refuses the upload of a user who is gone, and of no other in the list', async () => {
    const outcomes = await uploadOrders.execute([
      { id: '1', userId: 'ghost', number: A },
      { id: '2', userId: 'bob', number: B },
    ]);
    expect(outcomes).toEqual([{ broken: expect.any(UploaderMissing) }, { value: 'accepted' }]);
    expect(published.flat().map(({ orderId }) => orderId)).toEqual(['2']);
  });

  it('publishes what is new, once, inside the transaction', async () => {
    await uploadOrders.execute([
      { id: '1', userId: 'ann', number: A },
      { id: '2', userId: 'ann', number: A },
      { id: '3', userId: 'bob', number: B },
    ]);
    await uploadOrders.execute([{ id: '4', userId: 'ann', number: B }]);
    expect(published.map((list) => list.map(({ orderId }) => orderId))).toEqual([['1', '3']]);
  });

  it('recognises its own earlier try when a lost COMMIT has it run again', async () => {
    const upload = [{ id: '1', userId: 'ann', number: A }];
    await uploadOrders.execute(upload);
    await expect(uploadOrders.execute(upload)).resolves.toEqual([{ value: 'accepted' }]);
  });
});
