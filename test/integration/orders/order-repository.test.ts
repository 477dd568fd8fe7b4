import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Order } from '../../../src/orders/domain/order.js';
import { SqlOrderRepository } from '../../../src/orders/infrastructure/sql-order-repository.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';

const ids = new UuidV7Ids();

describe(SqlOrderRepository.name, () => {
  let open: OpenDatabase;
  let orders: SqlOrderRepository;
  let ann: string;
  let bob: string;

  beforeAll(async () => {
    open = await openDatabase();
    orders = new SqlOrderRepository();
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    ann = await open.books.user();
    bob = await open.books.user();
  });

  const upload = (userId: string, number: string): Order =>
    Order.upload(ids.next(), userId, OrderNumber.parse(number));

  /** Each in a transaction of its own. */
  const add = async (...list: Order[]): Promise<string[]> => {
    const added = await open.unitOfWork.run((transaction) =>
      Promise.resolve(orders.add(transaction, list)),
    );
    return added.map(({ id }) => id);
  };
  const byNumbers = (...numbers: string[]): Promise<Order[]> =>
    open.unitOfWork.run((transaction) =>
      orders.byNumbers(
        transaction,
        numbers.map((number) => OrderNumber.parse(number)),
      ),
    );
  const lock = (...list: string[]): Promise<ReadonlyMap<string, Order>> =>
    open.unitOfWork.run((transaction) => orders.lock(transaction, list));

  it('stores what is new, and says so', async () => {
    const order = upload(ann, freshNumber());
    expect(await add(order)).toEqual([order.id]);
    expect((await lock(order.id)).get(order.id)?.snapshot()).toEqual({
      ...order.snapshot(),
      accrual: undefined,
    });
  });

  it('stores a batch in one round trip, and knows what is new in it with the commit', async () => {
    open.unitOfWork.roundTrips = 0;
    const list = [upload(ann, freshNumber()), upload(bob, freshNumber())];
    const added = await open.unitOfWork.run((transaction) =>
      Promise.resolve(orders.add(transaction, list)),
    );
    expect(added).toEqual(list);
    expect(open.unitOfWork.roundTrips).toBe(1);
  });

  it('dates a batch with one moment of the database, so that its ids order it', async () => {
    const between = (moment: string): string => `clock_timestamp() ${moment} interval '1 minute'`;
    const list = [
      upload(ann, freshNumber()),
      upload(ann, freshNumber()),
      upload(ann, freshNumber()),
    ];
    await add(...list);
    const rows = await open.database.query<{ id: string; times: string }>(
      `SELECT id, count(*) OVER (PARTITION BY uploaded_at) AS times FROM gophermart.orders
       WHERE user_id = $1 AND uploaded_at BETWEEN ${between('-')} AND ${between('+')}
       ORDER BY uploaded_at, id`,
      [ann],
    );
    expect(rows).toEqual(list.map(({ id }) => ({ id, times: '3' })));
  });

  it('leaves a number to the order that was there first', async () => {
    const number = freshNumber();
    const first = upload(ann, number);
    await add(first);
    const fresh = upload(bob, freshNumber());
    expect(await add(upload(bob, number), fresh)).toEqual([fresh.id]);
    const standing = await byNumbers(number, freshNumber());
    expect(standing.map((order) => order.snapshot())).toMatchObject([
      { id: first.id, userId: ann },
    ]);
  });

  it('stores nothing for users who are gone', async () => {
    const [number, abandoned] = [freshNumber(), freshNumber()];
    const live = upload(bob, number);
    expect(await add(upload(ids.next(), abandoned), live)).toEqual([live.id]);
    expect(await open.books.count('orders', `num IN ('${number}', '${abandoned}')`)).toBe(1);
  });

  it('keeps leading zeros and a thousand digits', async () => {
    for (const number of [
      '0'.repeat(1000),
      OrderNumber.withCheckDigit('9'.repeat(999)).value,
      '018',
    ]) {
      const order = upload(ann, number);
      await add(order);
      expect((await lock(order.id)).get(order.id)?.number.value).toBe(number);
    }
  });

  it('moves a batch of orders by one statement, awards included', async () => {
    const [one, two, three] = [
      upload(ann, freshNumber()),
      upload(ann, freshNumber()),
      upload(bob, freshNumber()),
    ] as const;
    await add(one, two, three);
    one.markProcessed(Money.exact('9999999999999.99'));
    two.markInvalid();
    three.startProcessing();
    open.unitOfWork.statements = 0;
    await open.unitOfWork.run((transaction) => {
      orders.save(transaction, [one, two, three]);
      return Promise.resolve();
    });
    expect(open.unitOfWork.statements).toBe(1);
    const stored = await lock(three.id, one.id, two.id);
    expect(stored.get(one.id)?.snapshot()).toMatchObject({
      status: 'PROCESSED',
      accrual: Money.exact('9999999999999.99'),
    });
    expect(stored.get(two.id)?.snapshot()).toMatchObject({ status: 'INVALID', accrual: undefined });
    expect(stored.get(three.id)?.snapshot()).toMatchObject({ status: 'PROCESSING', userId: bob });
  });

  it('knows nothing of an order that does not exist', async () => {
    expect((await lock(ids.next())).size).toBe(0);
    expect((await lock()).size).toBe(0);
  });

  it('holds its locks until the transaction ends', async () => {
    const order = upload(ann, freshNumber());
    await add(order);
    await open.unitOfWork.run(async (transaction) => {
      await orders.lock(transaction, [order.id]);
      const skipped = await open.database.query(
        `SELECT id FROM gophermart.orders WHERE id = $1 FOR UPDATE SKIP LOCKED`,
        [order.id],
      );
      expect(skipped).toEqual([]);
    });
  });
});

describe(`${SqlOrderRepository.name} in a race`, () => {
  let open: OpenDatabase;
  let orders: SqlOrderRepository;

  beforeAll(async () => {
    open = await openDatabase();
    orders = new SqlOrderRepository();
  });

  afterAll(() => open.close());

  it('gives a number to one of twenty who upload it at once', async () => {
    const users = await open.books.users(20);
    const number = freshNumber();
    const added = await Promise.all(
      users.map((user) =>
        open.unitOfWork.run((transaction) => {
          const upload = Order.upload(ids.next(), user, OrderNumber.parse(number));
          return Promise.resolve(orders.add(transaction, [upload]));
        }),
      ),
    );
    expect(added.flat()).toHaveLength(1);
    expect(await open.books.count('orders', `num = '${number}'`)).toBe(1);
  });

  it('stores {X,Y} and {Y,X} at once without a deadlock, many times over', async () => {
    const [ann, bob] = [await open.books.user(), await open.books.user()];
    let runs = 0;
    for (let i = 0; i < 40; i++) {
      const numbers = Array.from({ length: 30 }, freshNumber);
      const list = (user: string, sent: readonly string[]): Promise<unknown> =>
        open.unitOfWork.run((transaction) => {
          runs++;
          const uploads = sent.map((number) =>
            Order.upload(ids.next(), user, OrderNumber.parse(number)),
          );
          return Promise.resolve(orders.add(transaction, uploads));
        });
      await Promise.all([
        list(ann, numbers),
        list(bob, [...numbers].reverse()),
        list(ann, [...numbers].sort().reverse()),
      ]);
    }
    // A deadlock would have been tried again: no transaction was.
    expect(runs).toBe(120);
    expect(await open.books.count('orders', `user_id IN ('${ann}', '${bob}')`)).toBe(1_200);
  });
});
