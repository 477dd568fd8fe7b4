import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';

/** To compare each with each takes a minute. */
const MANY = 20_000;

/** What changes `count` orders and their tasks, each in one statement. */
const changes = (count: number): readonly string[] => [
  `UPDATE gophermart.queue SET status = 'PROCESSING', attempt = attempt + 1
   WHERE order_id IN (
     SELECT order_id FROM gophermart.queue WHERE attempt = 0 ORDER BY order_id LIMIT ${count}
   )`,
  `UPDATE gophermart.orders SET status = 'PROCESSING'
   WHERE id IN (SELECT id FROM gophermart.orders WHERE status = 'NEW' ORDER BY id LIMIT ${count})`,
];

/** A session plans the statements of a trigger when it is called for the first time. */
describe('the triggers of the journal', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    await database.query(`
      INSERT INTO gophermart.users (id, login, password_hash, registered_at)
      VALUES (gen_random_uuid(), 'ann', 'x', now())`);
    await database.query(`
      INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
      SELECT gen_random_uuid(), u.id, (1000000 + n)::text, 'NEW', now()
      FROM gophermart.users u, generate_series(1, ${MANY + 10}) n`);
    await database.query(`
      INSERT INTO gophermart.queue
        (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
      SELECT id, 'PENDING', now(), now(), now() FROM gophermart.orders`);
    await database.query('ANALYZE gophermart.orders, gophermart.queue');
  });

  afterEach(() => database.drop());

  it('are as quick with many rows after a statement with one', async () => {
    for (const change of changes(1)) await database.query(change);
    const began = performance.now();
    for (const change of changes(MANY)) await database.query(change);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('look each order up by its key after a statement with many', async () => {
    for (const change of changes(MANY)) await database.query(change);
    const [task = ''] = changes(1);
    await database.query('BEGIN');
    const before = await scans();
    await database.query(task);
    const after = await scans();
    await database.query('COMMIT');
    expect([after.whole - before.whole, after.byKey - before.byKey]).toEqual([0, 1]);
  });

  /** Of the orders, by this session. */
  async function scans(): Promise<{ readonly whole: number; readonly byKey: number }> {
    const [row] = await database.query<{ whole: number; byKey: number }>(
      `SELECT seq_scan::integer AS whole, idx_scan::integer AS "byKey"
       FROM pg_stat_xact_user_tables WHERE relid = 'gophermart.orders'::regclass`,
    );
    return row ?? { whole: 0, byKey: 0 };
  }
});
