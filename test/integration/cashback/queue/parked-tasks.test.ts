import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  RetryAllParkedTasks,
  RetryParkedTasks,
} from '../../../../src/cashback/application/retry-parked-tasks.js';
import { Task } from '../../../../src/cashback/domain/task.js';
import { SqlParkedTasks } from '../../../../src/cashback/infrastructure/sql-parked-tasks.js';
import { SqlQueueOverview } from '../../../../src/cashback/infrastructure/sql-queue-overview.js';
import { SqlQueueRepository } from '../../../../src/cashback/infrastructure/sql-queue-repository.js';
import { SqlOperatorActions } from '../../../../src/journal/infrastructure/sql-operator-actions.js';
import { EVEN_SHARES } from '../../../support/fakes/in-memory-queue.js';
import { journalOf } from '../../../support/database/journal.js';
import { openDatabase, type OpenDatabase } from '../../../support/database/open-database.js';

const RULES = { maxTries: 3, spacing: { minMs: 1_000, maxMs: 60_000 } };

describe(SqlParkedTasks.name, () => {
  const actions = new SqlOperatorActions();
  let open: OpenDatabase;
  let parked: SqlParkedTasks;
  let queue: SqlQueueRepository;
  let ann: string;

  beforeAll(async () => {
    open = await openDatabase();
    parked = new SqlParkedTasks();
    queue = new SqlQueueRepository(open.unitOfWork);
    ann = await open.books.user();
  });

  afterAll(() => open.close());

  beforeEach(() => open.database.query('TRUNCATE gophermart.queue'));

  const park = (): Promise<string> =>
    open.books.task(ann, { status: 'FAILED', tries: 3, priority: 'SUSPECT', dueInMs: 60_000 });

  const numberOf = async (orderId: string): Promise<string> => {
    const [row] = await open.database.query<{ num: string }>(
      'SELECT num FROM gophermart.orders WHERE id = $1',
      [orderId],
    );
    return row?.num ?? '';
  };

  const giveReason = (orderId: string, reason: string): Promise<unknown> =>
    open.database.query('UPDATE gophermart.queue SET reason = $2 WHERE order_id = $1', [
      orderId,
      reason,
    ]);

  const putBack = async (...numbers: string[]): Promise<string[]> =>
    (await open.unitOfWork.run((transaction) => parked.putBack(transaction, numbers))).map(
      ({ number }) => number,
    );

  const retriedBy = async (by: string): Promise<number> =>
    (await journalOf(open.database)).filter(
      ({ type, data }) => type === 'operator_action' && data['by'] === by,
    ).length;

  it('puts a task back with no try spent, due at once, and changes no other', async () => {
    const [one, other, waiting] = [
      await park(),
      await park(),
      await open.books.task(ann, { dueInMs: 60_000, tries: 2 }),
    ];
    const numbers = [await numberOf(one), await numberOf(waiting), '00'];
    await expect(putBack(...numbers)).resolves.toEqual([numbers[0]]);
    const task = await open.books.taskOf(one);
    expect(task).toMatchObject({ status: 'PENDING', tries: 0, priority: 'RETRIED', reason: null });
    expect(task?.due_in_ms).toBeLessThanOrEqual(0);
    expect(task?.due_in_ms).toBeGreaterThan(-5_000);
    expect(await open.books.taskOf(other)).toMatchObject({
      status: 'FAILED',
      tries: 3,
      reason: 'status 500',
    });
    expect(await open.books.taskOf(waiting)).toMatchObject({ status: 'PENDING', tries: 2 });
    await expect(putBack(...numbers)).resolves.toEqual([]);
  });

  it('puts back a task whose earlier attempt is still refused when it comes late', async () => {
    const orderId = await open.books.task(ann);
    const [before] = await queue.claim(1, EVEN_SHARES, 30_000);
    if (!before) throw new Error('nothing was claimed');
    const late = new Task(before, RULES);
    await open.unitOfWork.run((transaction) => {
      queue.store(transaction, [late.parked('status 500')]);
      return Promise.resolve();
    });
    await putBack(await numberOf(orderId));
    const [after] = await queue.claim(1, EVEN_SHARES, 30_000);
    expect(after).toMatchObject({ orderId, tries: 0, attempt: before.attempt + 1 });
    const resolution = late.answered({ kind: 'invalid' }, 0);
    const own = await open.unitOfWork.run((transaction) =>
      queue.lockOwn(transaction, [resolution]),
    );
    expect(own.size).toBe(0);
  });

  it('puts all back in batches, each once', async () => {
    const ids: string[] = [];
    while (ids.length < 5) ids.push(await park());
    let after: string | undefined;
    const counts: number[] = [];
    do {
      const { orders, last } = await open.unitOfWork.run((transaction) =>
        parked.putBackNext(transaction, { after, limit: 2 }),
      );
      counts.push(orders.length);
      after = last;
      // Meanwhile a worker parks the first one again.
      await open.database.query(
        `UPDATE gophermart.queue SET status = 'FAILED', reason = 'again' WHERE order_id = $1`,
        [ids[0]],
      );
    } while (after !== undefined);
    expect(counts).toEqual([2, 2, 1]);
    expect(await open.books.count('queue', `status = 'PENDING' AND tries = 0`)).toBe(4);
  });

  it('finds a reason by a part of it, in capitals or not; no character is a pattern', async () => {
    const [percent, plain, other] = [await park(), await park(), await park()];
    await giveReason(percent, 'Status 50% of_the_time');
    await giveReason(plain, 'status 500');
    await giveReason(other, 'no JSON');
    const retryAll = new RetryAllParkedTasks(open.unitOfWork, parked, actions);
    await expect(retryAll.execute('ann', '50%')).resolves.toBe(1);
    await expect(retryAll.execute('ann', 'of_the')).resolves.toBe(0);
    await expect(retryAll.execute('ann', 'STATUS')).resolves.toBe(1);
    await expect(retryAll.execute('ann')).resolves.toBe(1);
    await expect(retryAll.execute('ann')).resolves.toBe(0);
    expect(await retriedBy('ann')).toBe(3);
  });

  it('puts each task back once when two operators do it at once', async () => {
    const ids: string[] = [];
    while (ids.length < 20) ids.push(await park());
    const numbers: string[] = [];
    for (const id of ids) numbers.push(await numberOf(id));
    const retry = new RetryParkedTasks(
      open.unitOfWork,
      parked,
      new SqlQueueOverview(open.unitOfWork),
      actions,
    );
    const both = await Promise.all([
      retry.execute(numbers, 'bob'),
      retry.execute([...numbers].reverse(), 'bob'),
      new RetryAllParkedTasks(open.unitOfWork, parked, actions).execute('bob'),
    ]);
    const named = [...both[0], ...both[1]].filter(({ outcome }) => outcome === 'put back').length;
    expect(named + both[2]).toBe(20);
    expect(await retriedBy('bob')).toBe(20);
    expect(await open.books.count('queue', `status = 'PENDING'`)).toBe(20);
  });
});
