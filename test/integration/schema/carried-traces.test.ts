import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { CarryTraces1700000000033 } from '../../../migrations/1700000000033-CarryTraces.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { Books } from '../../support/database/books.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';

describe('the columns of traces', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  /** Of the version before: it keeps the plans that its triggers have made. */
  let replica: Client;
  let user: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    user = await new Books(database).user();
    dataSource = await new DataSource(dataSourceOptions(database.uri, 1)).initialize();
    const ran = `SELECT FROM gophermart.migrations WHERE name LIKE 'CarryTraces%'`;
    while ((await database.query(ran)).length > 0)
      await dataSource.undoLastMigration({ transaction: 'each' });
    replica = new Client({ connectionString: database.uri });
    await replica.connect();
  });

  afterEach(async () => {
    await replica.end();
    await dataSource.destroy();
    await database.drop();
  });

  let version = 0;

  /** Uploads, claims and credits an order by the statements of the version before. */
  async function work(): Promise<void> {
    const order = freshNumber();
    const { rows } = await replica.query<{ id: string }>(
      `INSERT INTO gophermart.orders (id, user_id, num, status, accrual, uploaded_at)
       VALUES (gen_random_uuid(), $1, $2, 'NEW', NULL, clock_timestamp()) RETURNING id`,
      [user, order],
    );
    const id = [rows[0]?.id];
    const times = 'clock_timestamp(), clock_timestamp(), clock_timestamp()';
    await replica.query(
      `INSERT INTO gophermart.queue
         (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
       VALUES ($1, 'PENDING', ${times})`,
      id,
    );
    await replica.query(
      `UPDATE gophermart.queue SET status = 'PROCESSING', attempt = 1 WHERE order_id = $1`,
      id,
    );
    await replica.query(
      `UPDATE gophermart.orders SET status = 'PROCESSED', accrual = 5 WHERE id = $1`,
      id,
    );
    await replica.query(
      `INSERT INTO gophermart.ledger_entries
         (id, account_id, version, kind, amount, balance_after, withdrawn_after, order_num, at)
       VALUES (gen_random_uuid(), $1, $2, 'ACCRUAL', 5, $3, 0, $4, clock_timestamp())`,
      [user, ++version, 5 * version, order],
    );
    const events = await database.query<{ type: string }>(
      `SELECT type FROM gophermart.events WHERE data::json ->> 'order' = $1 ORDER BY position`,
      [order],
    );
    expect(events.map(({ type }) => type)).toEqual([
      'order_created',
      'accrual_started',
      'accrual_finished',
      'order_updated',
      'transaction_processed',
    ]);
  }

  it('come one by one, while a replica of the version before works', async () => {
    await work();
    const migration = new CarryTraces1700000000033();
    const runner = dataSource.createQueryRunner();
    let steps = 0;
    for (; (await migration.step(runner)) !== undefined; steps++) await work();
    await runner.release();
    expect(steps).toBe(3);
    await expect(migrate(database.uri)).resolves.toEqual(['CarryTraces1700000000033']);
    await work();
  });
});
