import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SqlQueueOverview } from '../../../../src/cashback/infrastructure/sql-queue-overview.js';
import type { OrderStatus } from '../../../../src/orders/domain/order.js';
import { openDatabase, type OpenDatabase } from '../../../support/database/open-database.js';
import { freshNumber } from '../../../support/http/order-numbers.js';

const MINUTE = 60_000;

describe(SqlQueueOverview.name, () => {
  let open: OpenDatabase;
  let overview: SqlQueueOverview;
  let ann: string;

  beforeAll(async () => {
    open = await openDatabase();
    overview = new SqlQueueOverview(open.unitOfWork);
    ann = await open.books.user();
  });

  afterAll(() => open.close());

  beforeEach(() => open.database.query('TRUNCATE gophermart.queue'));

  const numberOf = async (orderId: string): Promise<string> => {
    const [row] = await open.database.query<{ num: string }>(
      'SELECT num FROM gophermart.orders WHERE id = $1',
      [orderId],
    );
    return row?.num ?? '';
  };

  const find = (...numbers: string[]): ReturnType<SqlQueueOverview['find']> =>
    open.unitOfWork.run((transaction) => overview.find(transaction, numbers));

  /** A task uploaded so many minutes ago; it has been in its status for half of that time. */
  const put = async (
    minutes: number,
    task: Parameters<typeof open.books.task>[1] = {},
  ): Promise<string> => {
    const id = await open.books.task(ann, task);
    await open.database.query(
      `UPDATE gophermart.queue
       SET enqueued_at = now() - $2 * interval '1 minute',
         status_changed_at = now() - $2 * interval '30 seconds'
       WHERE order_id = $1`,
      [id, minutes],
    );
    return numberOf(id);
  };

  it('lists one status or all, the oldest first, and counts those not listed', async () => {
    const young = await put(1, { status: 'FAILED', tries: 3 });
    const old = await put(60, { status: 'FAILED', tries: 4 });
    const pending = await put(90);
    await put(2, { status: 'FAILED' });
    const { tasks, total } = await overview.list('FAILED', 2);
    expect(total).toBe(3);
    expect(tasks.map(({ number }) => number)[0]).toBe(old);
    expect(tasks).toHaveLength(2);
    expect((await overview.list('FAILED', 10)).tasks.at(-1)?.number).toBe(young);
    expect((await overview.list('all', 1)).tasks[0]?.number).toBe(pending);
    await expect(overview.list('PROCESSING', 10)).resolves.toEqual({ tasks: [], total: 0 });
  });

  it('shows all that is known of a task', async () => {
    const number = await put(60, { status: 'FAILED', tries: 4, dueInMs: 5 * MINUTE });
    const { tasks } = await overview.list('FAILED', 1);
    expect(tasks).toEqual([
      {
        number,
        status: 'FAILED',
        tries: 4,
        requests: 0,
        ageMs: expect.any(Number) as unknown,
        unchangedMs: expect.any(Number) as unknown,
        dueInMs: expect.any(Number) as unknown,
        reason: 'status 500',
      },
    ]);
    const [task] = tasks;
    const near = (ms: number | undefined, wanted: number): void => {
      expect(Math.abs((ms ?? 0) - wanted)).toBeLessThan(10_000);
    };
    near(task?.ageMs, 60 * MINUTE);
    near(task?.unchangedMs, 30 * MINUTE);
    near(task?.dueInMs, 5 * MINUTE);
  });

  it('finds a number’s task, or what became of its order', async () => {
    const waiting = await put(1, { dueInMs: 3 * MINUTE });
    const settled: [string, OrderStatus][] = [
      [freshNumber(), 'PROCESSED'],
      [freshNumber(), 'INVALID'],
    ];
    for (const [number, status] of settled) await open.books.order(ann, { number, status });
    const found = await find(waiting, ...settled.map(([number]) => number), '00');
    expect([...found.keys()].sort()).toEqual(
      [waiting, ...settled.map(([number]) => number)].sort(),
    );
    expect(found.get(waiting)).toMatchObject({
      kind: 'task',
      task: { number: waiting, status: 'PENDING' },
    });
    for (const [number, orderStatus] of settled)
      expect(found.get(number)).toEqual({ kind: 'no task', orderStatus });
    await expect(find()).resolves.toEqual(new Map());
  });

  it('counts what is due, lost by its worker, and parked', async () => {
    await expect(overview.statistics()).resolves.toEqual({
      PENDING: { tasks: 0, due: 0 },
      PROCESSING: { tasks: 0, due: 0 },
      FAILED: { tasks: 0, due: 0 },
    });
    await put(10);
    await put(1, { dueInMs: MINUTE });
    await put(2, { status: 'PROCESSING', dueInMs: MINUTE });
    await put(2, { status: 'PROCESSING', dueInMs: -MINUTE });
    await put(2, { status: 'PROCESSING', dueInMs: -MINUTE });
    await put(3, { status: 'FAILED', dueInMs: -MINUTE });
    const statistics = await overview.statistics();
    expect(statistics).toMatchObject({
      PENDING: { tasks: 2, due: 1 },
      PROCESSING: { tasks: 3, due: 2 },
      FAILED: { tasks: 1, due: 0, overdueMs: undefined },
    });
    expect(Math.abs((statistics.PROCESSING.overdueMs ?? 0) - MINUTE)).toBeLessThan(10_000);
    expect(Math.abs((statistics.PENDING.oldestMs ?? 0) - 10 * MINUTE)).toBeLessThan(10_000);
  });
});
