import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import {
  type FakeTransaction,
  FakeUnitOfWork,
} from '../../../test/support/fakes/fake-unit-of-work.js';
import type { OnceCommitted, Transaction } from '../../kernel/application/unit-of-work.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Order, OrderOfAnotherUser, OrderUploaded } from '../domain/order.js';
import { OrderRepository } from './ports.js';
import { UploadOrders } from './upload-orders.js';

const A = OrderNumber.parse('12345678903');
const B = OrderNumber.parse('2377225624');

class Orders extends OrderRepository {
  readonly stored = new Map<string, Order>();

  add(
    transaction: Transaction,
    orders: readonly Order[],
  ): Promise<OnceCommitted<readonly Order[]>> {
    const added = orders
      .filter(({ number }) => !this.stored.has(number.value))
      .filter((order) => order.snapshot().userId !== 'ghost');
    for (const order of added) this.stored.set(order.number.value, order);
    return Promise.resolve((transaction as FakeTransaction).onceCommitted(added));
  }

  byNumbers(_: Transaction, numbers: readonly OrderNumber[]): Promise<Order[]> {
    return Promise.resolve(numbers.flatMap(({ value }) => this.stored.get(value) ?? []));
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
    expect(outcomes).toEqual([{ broken: expect.any(UserMissing) }, { value: 'accepted' }]);
  });

  it('gives the number of a user who is gone to the next in the list', async () => {
    const outcomes = await uploadOrders.execute([
      { id: '1', userId: 'ghost', number: A },
      { id: '2', userId: 'ghost', number: A },
      { id: '3', userId: 'bob', number: A },
      { id: '4', userId: 'ann', number: A },
    ]);
    const taken = { broken: expect.any(OrderOfAnotherUser) };
    expect(outcomes).toEqual([taken, taken, { value: 'accepted' }, taken]);
  });

  it('publishes a number once, inside the transaction that stores it', async () => {
    await uploadOrders.execute([
      { id: '1', userId: 'ann', number: A },
      { id: '2', userId: 'ann', number: A },
      { id: '3', userId: 'bob', number: B },
    ]);
    expect(published.map((list) => list.map(({ orderId }) => orderId))).toEqual([['1', '3']]);
  });

  it('recognises its own earlier try when a lost COMMIT has it run again', async () => {
    const upload = [{ id: '1', userId: 'ann', number: A }];
    await uploadOrders.execute(upload);
    await expect(uploadOrders.execute(upload)).resolves.toEqual([{ value: 'accepted' }]);
  });
});
