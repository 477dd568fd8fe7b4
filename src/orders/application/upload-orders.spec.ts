import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CountedBatches,
  deferred,
  FakeUnitOfWork,
} from '../../../test/support/fakes/fake-unit-of-work.js';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import { DomainEvents } from '../../kernel/application/domain-events.js';
import { UserMissing } from '../../kernel/domain/domain-error.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Order, OrderOfAnotherUser, UploadRequested } from '../domain/order.js';
import { OrderRepository } from './ports.js';
import { type Upload, UploadCommits, UploadOrders } from './upload-orders.js';

const A = OrderNumber.parse('12345678903');
const B = OrderNumber.parse('2377225624');

class Orders extends OrderRepository {
  readonly stored = new Map<string, Order>();

  add(_: Transaction, orders: readonly Order[]): Deferred<readonly Order[]> {
    const added = orders
      .filter(({ number }) => !this.stored.has(number.value))
      .filter((order) => order.snapshot().userId !== 'ghost');
    for (const order of added) this.stored.set(order.number.value, order);
    return deferred(added);
  }

  byNumbers(_: Transaction, numbers: readonly OrderNumber[]): Promise<Order[]> {
    return Promise.resolve(numbers.flatMap(({ value }) => this.stored.get(value) ?? []));
  }

  lock(): Promise<ReadonlyMap<string, Order>> {
    throw new Error('an upload locks nothing');
  }

  save(): void {
    throw new Error('an upload moves nothing');
  }
}

describe(UploadOrders.name, () => {
  let published: UploadRequested[][];
  let uploadOrders: UploadOrders;

  beforeEach(() => {
    published = [];
    const events = new DomainEvents();
    const unitOfWork = new FakeUnitOfWork();
    events.subscribe(UploadRequested, (requests, transaction) => {
      expect(transaction).toBe(unitOfWork.open);
      published.push([...requests]);
    });
    uploadOrders = new UploadOrders(unitOfWork, new Orders(), events);
  });

  it('answers each upload of a batch on its own merits', async () => {
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

  it('refuses the upload of a user who is gone', async () => {
    await expect(uploadOrders.execute([{ id: '1', userId: 'ghost', number: A }])).resolves.toEqual([
      { broken: expect.any(UserMissing) },
    ]);
  });

  describe('in a batch with the upload of a user who is gone', () => {
    const submitAll = async (uploads: readonly Upload[]): Promise<unknown[]> => {
      const commits = new UploadCommits(uploadOrders, new CountedBatches());
      const settled = await Promise.allSettled(uploads.map((upload) => commits.submit(upload)));
      return settled.map((each): unknown =>
        each.status === 'fulfilled' ? each.value : each.reason,
      );
    };

    it('refuses no other upload, and recognises what it has stored', async () => {
      const answers = await submitAll([
        { id: '1', userId: 'ghost', number: A },
        { id: '2', userId: 'bob', number: B },
      ]);
      expect(answers).toEqual([expect.any(UserMissing), 'accepted']);
    });

    it('gives the number to the next who is there', async () => {
      const answers = await submitAll([
        { id: '1', userId: 'ghost', number: A },
        { id: '2', userId: 'ghost', number: A },
        { id: '3', userId: 'bob', number: A },
        { id: '4', userId: 'ann', number: A },
      ]);
      expect(answers).toEqual([
        expect.any(UserMissing),
        expect.any(UserMissing),
        'accepted',
        expect.any(OrderOfAnotherUser),
      ]);
    });
  });

  it('publishes the request for a number once, inside the transaction that stores it', async () => {
    await uploadOrders.execute([
      { id: '1', userId: 'ann', number: A },
      { id: '2', userId: 'ann', number: A },
      { id: '3', userId: 'bob', number: B },
    ]);
    expect(published.map((batch) => batch.map(({ orderId }) => orderId))).toEqual([['1', '3']]);
  });

  it('recognises its own earlier try when a lost COMMIT has it run again', async () => {
    const upload = [{ id: '1', userId: 'ann', number: A }];
    await uploadOrders.execute(upload);
    await expect(uploadOrders.execute(upload)).resolves.toEqual([{ value: 'accepted' }]);
  });
});
