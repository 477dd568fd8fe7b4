import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SqlQueueRepository } from '../../../../src/cashback/infrastructure/sql-queue-repository.js';
import { EVEN_SHARES } from '../../../support/fakes/in-memory-queue.js';
import type { Transaction } from '../../../../src/kernel/application/unit-of-work.js';
import { UuidV7Ids } from '../../../../src/platform/system.js';
import { pgOf } from '../../../../src/platform/postgres/pg-transaction.js';
import { openDatabase, type OpenDatabase } from '../../../support/database/open-database.js';

const LEASE_MS = 30_000;

describe(`${SqlQueueRepository.name}.claim`, () => {
  let open: OpenDatabase;
  let queue: SqlQueueRepository;
  let ann: string;

  beforeAll(async () => {
    open = await openDatabase();
    queue = new SqlQueueRepository(open.unitOfWork);
    ann = await open.books.user();
  });

  afterAll(() => open.close());

  beforeEach(() => open.database.query('TRUNCATE gophermart.queue'));

  const add = (...list: string[]): Promise<number> =>
    open.unitOfWork.run((transaction) => Promise.resolve(queue.add(transaction, list)));
  const claimed = async (limit: number, transaction?: Transaction): Promise<string[]> =>
    (await queue.claim(limit, EVEN_SHARES, LEASE_MS, transaction)).map(({ orderId }) => orderId);

  async function tasks(
    count: number,
    options: Parameters<OpenDatabase['books']['task']>[1] = {},
  ): Promise<string[]> {
    const added: string[] = [];
    for (let i = 0; i < count; i++)
      added.push(await open.books.task(ann, { dueInMs: -1_000 * (count - i), ...options }));
    return added;
  }

  it('adds a task for each order that is there and has none, due at once', async () => {
    const [one, two, gone] = [
      await open.books.order(ann),
      await open.books.order(ann),
      new UuidV7Ids().next(),
    ];
    expect(await add(one)).toBe(1);
    await queue.claim(10, EVEN_SHARES, LEASE_MS);
    await expect(add(one, gone, two)).resolves.toBe(1);
    expect(await open.books.taskOf(one)).toMatchObject({ status: 'PROCESSING', attempt: 1 });
    const [task] = await queue.claim(10, EVEN_SHARES, LEASE_MS);
    expect(task).toMatchObject({ orderId: two, attempt: 1, tries: 0 });
    expect(task?.ageMs).toBeGreaterThanOrEqual(0);
    expect(task?.ageMs).toBeLessThan(60_000);
  });

  it('leases a task until the lease ends', async () => {
    const [id = ''] = await tasks(1);
    expect(await claimed(10)).toEqual([id]);
    const task = await open.books.taskOf(id);
    expect(task).toMatchObject({ status: 'PROCESSING', attempt: 1, tries: 0 });
    expect(task?.due_in_ms).toBeGreaterThan(LEASE_MS - 5_000);
    expect(task?.due_in_ms).toBeLessThanOrEqual(LEASE_MS);
    expect(await claimed(10)).toEqual([]);
  });

  it('takes no more suspects than it may, though slots are free', async () => {
    const suspects = await tasks(5, { priority: 'SUSPECT' });
    const taken = await queue.claim(10, { ...EVEN_SHARES, suspects: 3 }, LEASE_MS);
    expect(taken.map(({ orderId, priority }) => ({ orderId, priority }))).toEqual(
      suspects.slice(0, 3).map((orderId) => ({ orderId, priority: 'SUSPECT' })),
    );
  });

  it('probes with the newest new order, or else with the oldest task, suspects last', async () => {
    const suspects = await tasks(2, { priority: 'SUSPECT' });
    const retried = await tasks(2, { priority: 'RETRIED' });
    const fresh = await tasks(3);
    const probed: string[] = [];
    for (let i = 0; i < 8; i++)
      probed.push(...(await queue.claimProbe(LEASE_MS)).map(({ orderId }) => orderId));
    expect(probed).toEqual([...fresh.reverse(), ...retried, ...suspects]);
  });

  it('takes the oldest, and no more than the limit', async () => {
    const added = await tasks(10);
    expect((await claimed(4)).sort()).toEqual(added.slice(0, 4).sort());
    expect((await claimed(4)).sort()).toEqual(added.slice(4, 8).sort());
    expect(await claimed(4)).toHaveLength(2);
    expect(await claimed(0)).toEqual([]);
  });

  it('leaves alone what is not due, and what is parked', async () => {
    await tasks(1, { dueInMs: 60_000 });
    await tasks(1, { status: 'FAILED' });
    expect(await claimed(10)).toEqual([]);
  });

  it('finds a task again whose lease has ended, and spends a try on it', async () => {
    const [id = ''] = await tasks(1);
    for (const lost of [0, 1, 2]) {
      expect(await queue.claim(10, EVEN_SHARES, LEASE_MS)).toMatchObject([
        { orderId: id, attempt: lost + 1, tries: lost },
      ]);
      await open.books.makeDue(id);
    }
  });

  it('spends no try on a task that was put back', async () => {
    const [id = ''] = await tasks(1, { tries: 2 });
    expect(await queue.claim(10, EVEN_SHARES, LEASE_MS)).toMatchObject([{ orderId: id, tries: 2 }]);
  });

  it.each([
    // weights → of ten due of each priority, how many of each are taken for ten slots
    [{ FRESH: 1, RETRIED: 1, SUSPECT: 1 }, { FRESH: 0, RETRIED: 0.1, SUSPECT: 0.2 }, [4, 3, 3]],
    [{ FRESH: 6, RETRIED: 4, SUSPECT: 1 }, EVEN_SHARES.offsets, [5, 4, 1]],
    [{ FRESH: 8, RETRIED: 1, SUSPECT: 1 }, EVEN_SHARES.offsets, [8, 1, 1]],
    [{ FRESH: 6, RETRIED: 4, SUSPECT: 1 }, { FRESH: 0, RETRIED: 0, SUSPECT: 5 }, [6, 4, 0]],
    [{ FRESH: 6, RETRIED: 4, SUSPECT: 1 }, { FRESH: 60, RETRIED: 60, SUSPECT: 0 }, [0, 0, 10]],
  ])('by the weights %j and the offsets %j it takes %j', async (weights, offsets, expected) => {
    const kinds = [
      await tasks(10),
      await tasks(10, { priority: 'RETRIED' }),
      await tasks(10, { priority: 'SUSPECT' }),
    ];
    const taken = (await queue.claim(10, { ...EVEN_SHARES, weights, offsets }, LEASE_MS)).map(
      ({ orderId }) => orderId,
    );
    expect(kinds.map((kind) => kind.filter((id) => taken.includes(id)))).toEqual(
      kinds.map((kind, i) => kind.slice(0, expected[i])),
    );
  });

  it.each([
    // fresh tasks, retried ones, suspects → how many of each are taken for ten slots
    [10, 0, 0, [10, 0, 0]],
    [0, 10, 0, [0, 10, 0]],
    [0, 0, 10, [0, 0, 10]],
    [2, 10, 10, [2, 4, 4]],
    [10, 1, 1, [8, 1, 1]],
    [1, 1, 1, [1, 1, 1]],
  ])(
    'gives to the others what one priority leaves, of %d fresh, %d retried, %d suspects',
    async (fresh, retried, suspects, expected) => {
      const kinds = [
        await tasks(fresh),
        await tasks(retried, { priority: 'RETRIED' }),
        await tasks(suspects, { priority: 'SUSPECT' }),
      ];
      const taken = await claimed(10);
      expect(kinds.map((kind) => kind.filter((id) => taken.includes(id)).length)).toEqual(expected);
    },
  );

  it.each(['FRESH', 'RETRIED', 'SUSPECT'] as const)(
    'passes over what another claim holds, and does not wait for it: %s',
    async (priority) => {
      const added = await tasks(10, { priority });
      await open.database.query('BEGIN');
      await open.database.query(
        'SELECT 1 FROM gophermart.queue WHERE order_id = ANY($1) FOR UPDATE',
        [added.slice(0, 4)],
      );
      const claim = open.unitOfWork.run(async (transaction) => {
        // A claim that waits for a lock fails.
        await pgOf(transaction).query(`SET LOCAL lock_timeout = '200ms'`);
        return claimed(4, transaction);
      });
      const [mine] = await Promise.allSettled([claim]);
      await open.database.query('ROLLBACK');
      expect(mine).toMatchObject({ status: 'fulfilled' });
      expect('value' in mine && mine.value.sort()).toEqual(added.slice(4, 8).sort());
      expect((await claimed(10)).sort()).toEqual([...added.slice(0, 4), ...added.slice(8)].sort());
    },
  );

  it.each(['claim', 'probe'])(
    'gives its lease up when the transaction that it is part of rolls back: %s',
    async (kind) => {
      const [id = ''] = await tasks(1);
      const failing = open.unitOfWork.run(async (transaction) => {
        const leased =
          kind === 'claim'
            ? claimed(1, transaction)
            : queue
                .claimProbe(LEASE_MS, transaction)
                .then((all) => all.map(({ orderId }) => orderId));
        expect(await leased).toEqual([id]);
        throw new Error('the gate could not be saved');
      });
      await expect(failing).rejects.toThrow('the gate could not be saved');
      expect(await open.books.taskOf(id)).toMatchObject({ status: 'PENDING', attempt: 0 });
    },
  );

  it('gives every task to one of many claims at once', async () => {
    const added = await tasks(60);
    const seen: string[] = [];
    while (seen.length < added.length) {
      const rounds = await Promise.all(
        Array.from({ length: 8 }, () => queue.claim(5, EVEN_SHARES, LEASE_MS)),
      );
      expect(Math.max(...rounds.map((round) => round.length))).toBeLessThanOrEqual(5);
      seen.push(...rounds.flat().map(({ orderId }) => orderId));
    }
    expect(seen.sort()).toEqual([...added].sort());
    for (const id of added)
      expect(await open.books.taskOf(id)).toMatchObject({ attempt: 1, tries: 0 });
  });

  it('reads the queue by its index, however many tasks wait for later', async () => {
    await open.database.query(
      `INSERT INTO gophermart.orders
       SELECT gen_random_uuid(), $1, '9' || lpad(i::text, 12, '0'), 'NEW', NULL, now()
       FROM generate_series(1, 20000) i`,
      [ann],
    );
    await open.database.query(
      `INSERT INTO gophermart.queue
         (order_id, status, standing, enqueued_at, next_attempt_at, status_changed_at)
       SELECT id, 'PENDING', 'DOUBTFUL', now(), now() + interval '1 hour', now()
       FROM gophermart.orders
       ON CONFLICT DO NOTHING`,
    );
    await open.database.query('ANALYZE gophermart.queue');
    const plan = await open.database.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT order_id FROM gophermart.queue
       WHERE status <> 'FAILED' AND standing = 'DOUBTFUL'
         AND next_attempt_at <= (SELECT clock_timestamp())
       ORDER BY next_attempt_at LIMIT 64 FOR UPDATE SKIP LOCKED`,
    );
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).toContain('queue_due');
    // As a filter it would be asked of each row that is not due.
    expect(text).toMatch(/Index Cond: .*next_attempt_at <=/);
  });
});
