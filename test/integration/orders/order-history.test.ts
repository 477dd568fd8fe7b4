import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonList } from '../../../src/kernel/application/json-lists.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { UnknownPage } from '../../../src/kernel/domain/domain-error.js';
import type { OrderDetail, OrderLine } from '../../../src/orders/application/ports.js';
import { type Order, OrderNotFound, type OrderStatus } from '../../../src/orders/domain/order.js';
import { SqlOrderQueries } from '../../../src/orders/infrastructure/sql-order-queries.js';
import { SqlOrderRepository } from '../../../src/orders/infrastructure/sql-order-repository.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { Writers } from '../../support/database/writers.js';
import { freshNumber } from '../../support/http/order-numbers.js';

const ids = new UuidV7Ids();
const repository = new SqlOrderRepository();

describe('the steps of orders', () => {
  let open: OpenDatabase;
  let queries: SqlOrderQueries;
  let user: string;

  beforeAll(async () => {
    open = await openDatabase();
    queries = new SqlOrderQueries(open.unitOfWork);
  });

  beforeEach(async () => {
    user = await open.books.user();
  });

  afterAll(() => open.close());

  /** An order that was uploaded a second ago, or when it is said. */
  const upload = async (number = freshNumber(), secondsAgo = 1): Promise<string> => {
    const id = ids.next();
    await open.database.query(
      `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
       VALUES ($1, $2, $3, 'NEW', now() - $4 * interval '1 second')`,
      [id, user, number, secondsAgo],
    );
    return id;
  };

  const move = (id: string, step: (order: Order) => void): Promise<void> =>
    open.unitOfWork.run(async (transaction) => {
      const orders = await repository.lock(transaction, [id]);
      const order = orders.get(id);
      if (!order) throw new Error('no such order');
      step(order);
      repository.save(transaction, [order]);
    });

  const start = (id: string): Promise<void> => move(id, (order) => order.startProcessing());
  const finish = (id: string): Promise<void> =>
    move(id, (order) => order.markProcessed(Money.exact('7.50')));

  const detail = async (number: string): Promise<OrderDetail> =>
    JSON.parse(await queries.detail(user, number)) as OrderDetail;

  const timesOf = async (number: string): Promise<[OrderStatus[], string[]]> => {
    const { history } = await detail(number);
    return [history.map(({ status }) => status), history.map(({ at }) => at)];
  };

  it('are dated by the statements that take them, one after another', async () => {
    const number = freshNumber();
    const id = await upload(number);
    await start(id);
    await start(id);
    await finish(id);
    const [statuses, times] = await timesOf(number);
    expect(statuses).toEqual(['NEW', 'PROCESSING', 'PROCESSED']);
    expect(times).toEqual([...times].sort());
    expect(await detail(number)).toMatchObject({ number, status: 'PROCESSED', accrual: 7.5 });
    expect(
      await open.database.query(
        `SELECT FROM gophermart.events e JOIN gophermart.orders o ON o.num = $1
           AND e.at = CASE e.revision WHEN 2 THEN o.processing_at ELSE o.finished_at END
         WHERE e.type = 'order_updated' AND e.data LIKE '%' || o.num || '%'`,
        [number],
      ),
    ).toHaveLength(2);
  });

  it('may leave PROCESSING out', async () => {
    const number = freshNumber();
    await move(await upload(number), (order) => order.markInvalid());
    expect((await timesOf(number))[0]).toEqual(['NEW', 'INVALID']);
  });

  it('are not before the upload, where the clock was set back', async () => {
    const number = freshNumber();
    const id = await upload(number, -60);
    await start(id);
    await finish(id);
    const [, times] = await timesOf(number);
    expect(new Set(times).size).toBe(1);
  });

  it('are dated for whoever does not: the version before, or a hand', async () => {
    const number = freshNumber();
    await upload(number);
    for (const status of ['PROCESSING', 'INVALID'])
      await open.database.query('UPDATE gophermart.orders SET status = $2 WHERE num = $1', [
        number,
        status,
      ]);
    const [statuses, times] = await timesOf(number);
    expect(statuses).toEqual(['NEW', 'PROCESSING', 'INVALID']);
    expect(times).toEqual([...times].sort());
  });

  it('are shown as far as their times are known', async () => {
    const number = freshNumber();
    await open.database.query(
      `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
       VALUES ($1, $2, $3, 'PROCESSED', now())`,
      [ids.next(), user, number],
    );
    expect((await timesOf(number))[0]).toEqual(['NEW']);
  });

  it('are the owner’s alone to see', async () => {
    const number = freshNumber();
    await upload(number);
    const other = await open.books.user();
    for (const [who, what] of [
      [other, number],
      [user, freshNumber()],
      [user, `${number} `],
      [user, `${number} 1`],
      [user, 'x'],
      [user, ''],
      [user, '\0'],
    ] as const)
      await expect(queries.detail(who, what)).rejects.toThrow(OrderNotFound);
  });

  describe('while somebody pages through one status', () => {
    const read = async (
      only: OrderStatus[],
      after?: string,
    ): Promise<[readonly OrderLine[], string | undefined]> => {
      const list: JsonList<OrderLine> = await queries.list(user, { only, limit: 1, after });
      return [JSON.parse(list.text as string) as OrderLine[], list.next];
    };

    const numbers: string[] = [];
    const orders: string[] = [];

    beforeEach(async () => {
      numbers.length = 0;
      orders.length = 0;
      for (let i = 0; i < 4; i++) {
        numbers.push(freshNumber());
        orders.push(await upload(numbers[i], 10 + i));
      }
    });

    const restOf = async (only: OrderStatus[], from?: string): Promise<OrderLine[]> => {
      const shown: OrderLine[] = [];
      for (let after = from; after !== undefined;) {
        const [lines, next] = await read(only, after);
        shown.push(...lines);
        after = next;
      }
      return shown;
    };

    it('show who had it at the first page, as they were then', async () => {
      const [first, next] = await read(['NEW']);
      await start(orders[1] ?? '');
      await finish(orders[2] ?? '');
      await start(orders[3] ?? '');
      await finish(orders[3] ?? '');
      const rest = await restOf(['NEW'], next);
      expect([...first, ...rest].map(({ number }) => number)).toEqual(numbers);
      expect(new Set(rest.map(({ status }) => status))).toEqual(new Set(['NEW']));
      expect(rest.some((line) => 'accrual' in line)).toBe(false);
      expect((await read(['NEW']))[0]).toMatchObject([{ number: numbers[0] }]);
    });

    it('show those who had been PROCESSING, and none who had ended before', async () => {
      for (const id of orders) await start(id);
      await finish(orders[2] ?? '');
      const [, next] = await read(['PROCESSING']);
      await finish(orders[1] ?? '');
      await finish(orders[3] ?? '');
      expect(await restOf(['PROCESSING'], next)).toMatchObject([
        { number: numbers[1], status: 'PROCESSING' },
        { number: numbers[3], status: 'PROCESSING' },
      ]);
    });

    it('show a change that was under way at the first page as none', async () => {
      const writers = new Writers(open.database);
      const other = await (await writers.connected()).begin();
      await other.run(
        `UPDATE gophermart.orders SET status = 'PROCESSING' WHERE id = '${orders[2]}'`,
      );
      const [, next] = await read(['NEW']);
      await other.commit();
      expect((await restOf(['NEW'], next)).map(({ number }) => number)).toEqual(numbers.slice(1));
      await writers.end();
    });

    it('show no order that had another status when the first page was read', async () => {
      await start(orders[2] ?? '');
      const [, next] = await read(['NEW']);
      expect((await restOf(['NEW'], next)).map(({ number }) => number)).toEqual([
        numbers[1],
        numbers[3],
      ]);
    });

    it('refuse what is no mark of a first page', async () => {
      const [, next = ''] = await read(['NEW']);
      const [place = '', at = ''] = next.split('~');
      for (const after of [
        place,
        `${place}~${at}~9:1:`,
        `${place}~${at}~1:9:5,3`,
        `${place}~x~1:2:`,
      ])
        await expect(read(['NEW'], after)).rejects.toThrow(UnknownPage);
    });
  });
});
