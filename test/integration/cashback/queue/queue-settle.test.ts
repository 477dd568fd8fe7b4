import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CountedBatches } from '../../../support/fakes/fake-unit-of-work.js';
import { CreditPoints } from '../../../../src/account/application/credit-points.js';
import { SqlAccountRepository } from '../../../../src/account/infrastructure/sql-account-repository.js';
import {
  CreditRefused,
  ResolutionCommits,
  SettleTasks,
} from '../../../../src/cashback/application/settle-tasks.js';
import { type Resolution, Task } from '../../../../src/cashback/domain/task.js';
import { SqlQueueRepository } from '../../../../src/cashback/infrastructure/sql-queue-repository.js';
import { SettleOrders } from '../../../../src/orders/application/settle-orders.js';
import { SqlOrderRepository } from '../../../../src/orders/infrastructure/sql-order-repository.js';
import { Money } from '../../../../src/kernel/domain/money.js';
import { UuidV7Ids } from '../../../../src/platform/system.js';
import { EVEN_SHARES } from '../../../support/fakes/in-memory-queue.js';
import { openDatabase, type OpenDatabase } from '../../../support/database/open-database.js';

const LEASE_MS = 30_000;
const RULES = { maxTries: 3, spacing: { minMs: 1_000, maxMs: 60_000 } };
const ids = new UuidV7Ids();
const points = (sum: string) => ({ kind: 'processed', accrual: Money.exact(sum) }) as const;

describe(`${SettleTasks.name} on a database`, () => {
  let open: OpenDatabase;
  let queue: SqlQueueRepository;
  let settleTasks: SettleTasks;
  let ann: string;

  beforeAll(async () => {
    open = await openDatabase();
    queue = new SqlQueueRepository(open.unitOfWork);
    settleTasks = new SettleTasks(
      open.unitOfWork,
      queue,
      new SettleOrders(new SqlOrderRepository()),
      new CreditPoints(new SqlAccountRepository()),
    );
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    await open.database.query('TRUNCATE gophermart.queue');
    ann = await open.books.user();
  });

  async function claim(count: number): Promise<Task[]> {
    for (let i = 0; i < count; i++) await open.books.task(ann, { dueInMs: -1_000 * (count - i) });
    const claimed = await queue.claim(100, EVEN_SHARES, LEASE_MS);
    return claimed
      .map((task) => new Task(task, RULES))
      .sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
  }

  const settle = (...resolutions: Resolution[]) =>
    settleTasks.execute(resolutions.map((resolution) => ({ resolution, entryId: ids.next() })));

  const order = async ({ orderId }: Task): Promise<string> => {
    const [row] = await open.database.query<{ shown: string }>(
      `SELECT concat_ws(' ', status, accrual) AS shown FROM gophermart.orders WHERE id = $1`,
      [orderId],
    );
    return row?.shown ?? 'none';
  };

  it('moves orders, credits, dequeues: one transaction, 8 statements, 2 round trips', async () => {
    const [one, two, three, four, five] = (await claim(5)) as [Task, Task, Task, Task, Task];
    open.unitOfWork.statements = 0;
    open.unitOfWork.roundTrips = 0;
    await settle(
      five.faulted('status 500', 0.5),
      one.answered(points('729.98'), 0),
      two.answered({ kind: 'invalid' }, 0),
      three.answered({ kind: 'calculating' }, 0.5),
      four.answered({ kind: 'unknown' }, 0.5),
    );
    // lock tasks, orders and accounts; save orders, ledger, balances, delete and re-date tasks
    expect(open.unitOfWork.statements).toBe(8);
    expect(open.unitOfWork.roundTrips).toBe(2);
    expect(
      await Promise.resolve([
        await order(one),
        await order(two),
        await order(three),
        await order(four),
      ]),
    ).toEqual(['PROCESSED 729.98', 'INVALID', 'PROCESSING', 'NEW']);
    expect(await open.books.account(ann)).toBe('729.98/0.00/1');
    expect(await open.books.taskOf(one.orderId)).toBeUndefined();
    expect(await open.books.taskOf(two.orderId)).toBeUndefined();
    expect(await open.books.taskOf(three.orderId)).toMatchObject({
      status: 'PENDING',
      priority: 'RETRIED',
      tries: 0,
    });
    expect(await open.books.taskOf(five.orderId)).toMatchObject({
      status: 'PENDING',
      priority: 'SUSPECT',
      tries: 1,
    });
    const due = (await open.books.taskOf(five.orderId))?.due_in_ms ?? 0;
    expect(due).toBeGreaterThan(0);
    expect(due).toBeLessThanOrEqual(375);
  });

  it('parks a task with its reason; its order is PROCESSING', async () => {
    const [one] = (await claim(1)) as [Task];
    await settle(one.parked('status 500', 3));
    expect(await open.books.taskOf(one.orderId)).toMatchObject({
      status: 'FAILED',
      tries: 3,
      reason: 'status 500',
    });
    expect(await order(one)).toBe('PROCESSING');
    await open.books.makeDue(one.orderId);
    expect(await queue.claim(10, EVEN_SHARES, LEASE_MS)).toEqual([]);
  });

  it('puts back a task as if it had not been claimed: due now, no try spent, fresh', async () => {
    const [one] = (await claim(1)) as [Task];
    await settle(one.postponed(0));
    expect(await open.books.taskOf(one.orderId)).toMatchObject({
      status: 'PENDING',
      tries: 0,
      priority: 'FRESH',
    });
    expect(await queue.claim(10, EVEN_SHARES, LEASE_MS)).toMatchObject([
      { orderId: one.orderId, attempt: 2, tries: 0 },
    ]);
  });

  it('changes nothing for an attempt that is not the last one', async () => {
    const [late] = (await claim(1)) as [Task];
    await open.books.makeDue(late.orderId);
    const [current] = (await claim(0)) as [Task];
    expect(await settle(late.answered(points('5'), 0))).toEqual([{ value: { kind: 'late' } }]);
    expect(await settle(late.parked('status 500'))).toEqual([{ value: { kind: 'late' } }]);
    expect(await open.books.taskOf(late.orderId)).toMatchObject({
      status: 'PROCESSING',
      attempt: 2,
    });
    expect(await order(late)).toBe('NEW');
    expect(await settle(current.answered(points('7'), 0))).toEqual([
      { value: { kind: 'processed', points: Money.exact('7') } },
    ]);
    expect(await settle(current.answered(points('7'), 0))).toEqual([{ value: { kind: 'late' } }]);
    expect(await open.books.account(ann)).toBe('7.00/0.00/1');
  });

  it('credits once when ten settle the same task at once', async () => {
    const [one] = (await claim(1)) as [Task];
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => settle(one.answered(points('5'), 0))),
    );
    expect(
      outcomes.flat().filter((each) => 'value' in each && each.value.kind === 'processed'),
    ).toHaveLength(1);
    expect(await open.books.account(ann)).toBe('5.00/0.00/1');
  });

  it('rolls all of it back when the account cannot take the points', async () => {
    await open.database.query(
      'UPDATE gophermart.accounts SET balance = 9999999999999.99 WHERE user_id = $1',
      [ann],
    );
    const [one, two] = (await claim(2)) as [Task, Task];
    const resolutions = [
      one.answered(points('5'), 0),
      two.answered({ kind: 'invalid' }, 0),
    ] as const;
    await expect(settle(...resolutions)).rejects.toThrow(CreditRefused);
    expect([await order(one), await order(two)]).toEqual(['NEW', 'NEW']);
    const commits = new ResolutionCommits(settleTasks, new CountedBatches());
    const outcomes = await Promise.allSettled(
      resolutions.map((resolution) => commits.submit({ resolution, entryId: ids.next() })),
    );
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: expect.any(CreditRefused) },
      { value: { kind: 'refused' } },
    ]);
    expect([await order(one), await order(two)]).toEqual(['NEW', 'INVALID']);
  });
});
