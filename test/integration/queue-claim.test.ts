import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SqlQueueRepository } from '../../src/cashback/infrastructure/sql-queue-repository.js';
import { openDatabase, type OpenDatabase } from '../support/open-database.js';

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

  const claimed = async (limit: number, reAsked = limit): Promise<string[]> =>
    (await queue.claim(limit, { atLeast: reAsked, atMost: limit }, LEASE_MS)).map(({ orderId }) => orderId);

  async function tasks(count: number, options: Parameters<OpenDatabase['books']['task']>[1] = {}): Promise<string[]> {
    const added: string[] = [];
    for (let i = 0; i < count; i++) added.push(await open.books.task(ann, { dueInMs: -1_000 * (count - i), ...options }));
    return added;
  }

  it('adds a task for each order that has none, due at once', async () => {
    const [one, two] = [await open.books.order(ann), await open.books.order(ann)];
    const enqueuedAt = new Date(Date.now() - 5_000);
    await queue.add([{ orderId: one, enqueuedAt }]);
    await queue.claim(10, { atLeast: 5, atMost: 10 }, LEASE_MS);
    await queue.add([one, two].map((orderId) => ({ orderId, enqueuedAt })));
    expect(await open.books.taskOf(one)).toMatchObject({ status: 'PROCESSING', attempt: 1 });
    const [task] = await queue.claim(10, { atLeast: 5, atMost: 10 }, LEASE_MS);
    expect(task).toMatchObject({ orderId: two, attempt: 1, tries: 0 });
    expect(task?.ageMs).toBeGreaterThanOrEqual(5_000);
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

  it('takes no more of those asked before than they may have, though hands are free', async () => {
    const again = await tasks(5, { asked: true });
    const taken = await queue.claim(10, { atLeast: 2, atMost: 3 }, LEASE_MS);
    expect(taken.map(({ orderId, asked }) => ({ orderId, asked }))).toEqual(
      again.slice(0, 3).map((orderId) => ({ orderId, asked: true })),
    );
  });

  it('probes by the newest never asked about, or else by the oldest', async () => {
    const again = await tasks(3, { asked: true });
    const fresh = await tasks(3);
    const probed: string[] = [];
    for (let i = 0; i < 7; i++) probed.push(...(await queue.claimProbe(LEASE_MS)).map(({ orderId }) => orderId));
    expect(probed).toEqual([...fresh.reverse(), ...again]);
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

  it('finds a task again whose lease ran out, and spends a try on it', async () => {
    const [id = ''] = await tasks(1);
    for (const lost of [0, 1, 2]) {
      expect(await queue.claim(10, { atLeast: 5, atMost: 10 }, LEASE_MS)).toMatchObject([
        { orderId: id, attempt: lost + 1, tries: lost },
      ]);
      await open.books.makeDue(id);
    }
  });

  it('spends no try on a task that was handed back', async () => {
    const [id = ''] = await tasks(1, { tries: 2 });
    expect(await queue.claim(10, { atLeast: 5, atMost: 10 }, LEASE_MS)).toMatchObject([{ orderId: id, tries: 2 }]);
  });

  it.each([
    // fresh, asked, limit, reAsked → fresh and asked ones taken
    [10, 10, 10, 5, 5, 5],
    [10, 10, 10, 0, 10, 0],
    [10, 10, 10, 10, 0, 10],
    [10, 0, 10, 5, 10, 0],
    [0, 10, 10, 5, 0, 10],
    [0, 10, 10, 0, 0, 10],
    [2, 10, 10, 5, 2, 8],
    [10, 3, 10, 5, 7, 3],
    [6, 6, 10, 5, 5, 5],
    [3, 3, 10, 5, 3, 3],
    [10, 10, 1, 0, 1, 0],
    [10, 10, 1, 1, 0, 1],
    [10, 10, 7, 3, 4, 3],
  ])(
    'of %d fresh and %d asked ones, takes for %d hands, %d of them for asked ones: %d and %d',
    async (fresh, asked, limit, reAsked, ofFresh, ofAsked) => {
      const first = new Set(await tasks(fresh));
      const again = new Set(await tasks(asked, { asked: true }));
      const taken = await claimed(limit, reAsked);
      expect([taken.filter((id) => first.has(id)).length, taken.filter((id) => again.has(id)).length]).toEqual([
        ofFresh,
        ofAsked,
      ]);
    },
  );

  it.each([false, true])('passes over what another claimer holds, and does not wait for it; asked before: %s', async (asked) => {
    const added = await tasks(10, { asked });
    await open.database.query('BEGIN');
    await open.database.query('SELECT 1 FROM gophermart.queue WHERE order_id = ANY($1) FOR UPDATE', [added.slice(0, 4)]);
    const mine = await claimed(4);
    await open.database.query('ROLLBACK');
    expect(mine.sort()).toEqual(added.slice(4, 8).sort());
    expect((await claimed(10)).sort()).toEqual([...added.slice(0, 4), ...added.slice(8)].sort());
  });

  it('gives every task to one of many claimers at once', async () => {
    const added = await tasks(60);
    const seen: string[] = [];
    while (seen.length < added.length) {
      const rounds = await Promise.all(Array.from({ length: 8 }, () => queue.claim(5, { atLeast: 2, atMost: 5 }, LEASE_MS)));
      expect(Math.max(...rounds.map((round) => round.length))).toBeLessThanOrEqual(5);
      seen.push(...rounds.flat().map(({ orderId }) => orderId));
    }
    expect(seen.sort()).toEqual([...added].sort());
    for (const id of added) expect(await open.books.taskOf(id)).toMatchObject({ attempt: 1, tries: 0 });
  });

  it('reads the queue by its index, however many tasks wait for later', async () => {
    await open.database.query(
      `INSERT INTO gophermart.orders SELECT gen_random_uuid(), $1, '9' || lpad(i::text, 12, '0'), 'NEW', NULL, now() FROM generate_series(1, 20000) i`,
      [ann],
    );
    await open.database.query(
      `INSERT INTO gophermart.queue SELECT id, 'PENDING', 0, 0, true, now(), now() + interval '1 hour', now() FROM gophermart.orders
       ON CONFLICT DO NOTHING`,
    );
    await open.database.query('ANALYZE gophermart.queue');
    const plan = await open.database.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT order_id FROM gophermart.queue WHERE status <> 'FAILED' AND asked AND next_attempt_at <= now()
       ORDER BY next_attempt_at LIMIT 64 FOR UPDATE SKIP LOCKED`,
    );
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toContain('queue_due');
  });
});
