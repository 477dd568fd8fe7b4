import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { FillJournal1700000000024 } from '../../../migrations/1700000000024-FillJournal.js';
import { MIGRATIONS } from '../../../migrations/index.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { generateBooks, sample } from '../../support/corruptions/sample-books.js';
import { Books } from '../../support/database/books.js';
import { journalOf, shortened } from '../../support/database/journal.js';
import { reconcile } from '../../support/database/reconciliation.js';
import {
  createTestDatabase,
  lockWaits,
  type TestDatabase,
} from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';

const ACCOUNTS = 40;

/** Of the version before, as they were when the journal began. */
const [NEW, CALCULATING, INVALID] = [10, 11, 13];

describe('a journal of books that were there before it', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
    const dataSource = new DataSource(dataSourceOptions(database.uri, 1));
    await dataSource.initialize();
    // Back to before the journal.
    while (await hasJournal()) await dataSource.undoLastMigration();
    await dataSource.destroy();
    await generateBooksBefore();
  });

  afterEach(async () => {
    await Promise.all(sources.splice(0).map((source) => source.destroy()));
    await database.drop();
  });

  const sources: DataSource[] = [];

  /** In a transaction. */
  async function open(): Promise<QueryRunner> {
    const source = new DataSource(dataSourceOptions(database.uri, 1));
    await source.initialize();
    sources.push(source);
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    return runner;
  }

  /** Of users, orders and entries. */
  async function counts(): Promise<[number, number, number]> {
    const [row] = await database.query<Record<'users' | 'orders' | 'entries', number>>(`
      SELECT (SELECT count(*)::integer FROM gophermart.users) AS users,
        (SELECT count(*)::integer FROM gophermart.orders) AS orders,
        (SELECT count(*)::integer FROM gophermart.ledger_entries) AS entries`);
    return row ? [row.users, row.orders, row.entries] : [0, 0, 0];
  }

  async function hasJournal(): Promise<boolean> {
    const [row] = await database.query<{ it: string | null }>(
      `SELECT to_regclass('gophermart.events') AS it`,
    );
    return row?.it !== null;
  }

  /** Books without a journal: what the generator would write into it goes nowhere. */
  async function generateBooksBefore(): Promise<void> {
    await database.query(
      'CREATE TABLE gophermart.events ' +
        '(type text, subject uuid, revision bigint, at timestamptz, data text)',
    );
    await generateBooks((text) => database.query(text), ACCOUNTS, 3);
    await database.query('DROP TABLE gophermart.events');
  }

  /** Begins the journal, without what was there before. */
  async function begin(): Promise<void> {
    const migrations = MIGRATIONS.slice(0, MIGRATIONS.indexOf(FillJournal1700000000024));
    const created = new DataSource({ ...dataSourceOptions(database.uri, 1), migrations });
    await created.initialize();
    await created.runMigrations({ transaction: 'each' });
    await created.destroy();
  }

  it('gives numbers in the order they are asked for', async () => {
    await begin();
    const sessions = [new Client(database.uri), new Client(database.uri)];
    for (const session of sessions) await session.connect();
    for (const session of [...sessions, ...sessions])
      await session.query(
        `INSERT INTO gophermart.events (type, data) VALUES ('of ' || pg_backend_pid(), '{}')`,
      );
    for (const session of sessions) await session.end();
    const types = (await journalOf(database)).map(({ type }) => type);
    const [first, second, ...again] = types.slice(-4);
    expect(first).not.toBe(second);
    expect(again).toEqual([first, second]);
  });

  const eventsOfOrder = async (user: number, number: string): Promise<readonly unknown[]> =>
    shortened(
      (await journalOf(database, sample.account(user))).filter(
        ({ data }) => data['order'] === number && !('transaction' in data),
      ),
    );

  it('is filled with what is known, oldest first, and reconciles', async () => {
    await migrate(database.uri);
    expect(await reconcile(database.uri)).toMatchObject({ exitCode: 0, differences: [] });
    const number = sample.number(6, 1);
    const order = { order: number, status: 'PROCESSED', accrual: expect.any(String) as unknown };
    expect(await eventsOfOrder(6, number)).toEqual([
      [
        'order_created',
        1,
        { order: number, status: 'NEW', uploaded_at: expect.any(String) as unknown },
      ],
      ['accrual_finished', 1, order],
      ['order_updated', 2, order],
    ]);
    const entries = (await journalOf(database, sample.account(6))).filter(
      ({ type }) => type === 'transaction_processed',
    );
    expect(entries.map(({ revision }) => revision)).toEqual(entries.map((_, i) => String(i + 1)));
    expect(await database.query(`SELECT to_regclass('gophermart.journal_fill') AS left`)).toEqual([
      { left: null },
    ]);
  });

  it('has what the version before changes meanwhile once, whenever it does', async () => {
    await begin();
    const books = new Books(database);
    const settle = (order: string, status: string): Promise<unknown> =>
      database.query('UPDATE gophermart.orders SET status = $2 WHERE id = $1', [order, status]);
    await settle(sample.extraOrder(NEW), 'PROCESSING');
    await settle(sample.extraOrder(CALCULATING), 'INVALID');
    await database.query('DELETE FROM gophermart.queue WHERE order_id = $1', [
      sample.extraOrder(CALCULATING),
    ]);
    const ann = await books.user();
    const fresh = await books.order(ann);
    await settle(fresh, 'PROCESSING');
    await settle(fresh, 'PROCESSED');
    await books.order(ann, { status: 'INVALID' });
    await database.query('DELETE FROM gophermart.users WHERE id = $1', [await books.user()]);
    const live = (await journalOf(database)).length;
    await migrate(database.uri);
    expect((await reconcile(database.uri)).differences).toEqual([]);
    const created = expect.objectContaining({ status: 'NEW' }) as unknown;
    const [fromNew, fromCalculating] = [sample.extraNumber(NEW), sample.extraNumber(CALCULATING)];
    expect(await eventsOfOrder(NEW, fromNew)).toEqual([
      ['order_created', 1, created],
      ['order_updated', 2, { order: fromNew, status: 'PROCESSING' }],
    ]);
    expect(await eventsOfOrder(CALCULATING, fromCalculating)).toEqual([
      ['order_created', 1, created],
      ['order_updated', 2, { order: fromCalculating, status: 'PROCESSING' }],
      ['accrual_finished', 2, { order: fromCalculating, status: 'INVALID' }],
      ['order_updated', 3, { order: fromCalculating, status: 'INVALID' }],
    ]);
    expect(await eventsOfOrder(INVALID, sample.extraNumber(INVALID))).toHaveLength(3);
    // What was recorded before the filling stands behind it.
    const all = await journalOf(database);
    expect(all.slice(-live).map(({ subject }) => subject)).toContain(ann);
    expect(all.slice(0, -live).map(({ subject }) => subject)).not.toContain(ann);
  });

  it('is filled once by two at once, who take turns', async () => {
    await begin();
    const fill = new FillJournal1700000000024();
    const [one, other] = [await open(), await open()];
    for (;;) {
      const first = await fill.step(one);
      const second = fill.step(other);
      await eventually('the other waits', async () => (await lockWaits(database)) > 0);
      await one.commitTransaction();
      const both = [first, await second];
      await other.commitTransaction();
      if (both.includes(undefined)) break;
      await one.startTransaction();
      await other.startTransaction();
    }
    await migrate(database.uri);
    expect((await reconcile(database.uri)).differences).toEqual([]);
  });

  it('cannot be taken for filled before it is', async () => {
    await begin();
    const dataSource = new DataSource(dataSourceOptions(database.uri, 1));
    await dataSource.initialize();
    await expect(dataSource.runMigrations({ transaction: 'each' })).rejects.toThrow(
      'not filled yet',
    );
    await migrate(database.uri);
    // Undone and done again it finds nothing to do.
    await dataSource.undoLastMigration();
    await dataSource.destroy();
    await migrate(database.uri);
    expect((await reconcile(database.uri)).differences).toEqual([]);
  });

  it('goes on where it was stopped', async () => {
    await begin();
    const runner = await open();
    const step = async (fill: FillJournal1700000000024): ReturnType<typeof fill.step> => {
      const rows = await fill.step(runner);
      await runner.commitTransaction();
      await runner.startTransaction();
      return rows;
    };
    const [users, orders, entries] = await counts();
    const fill = new FillJournal1700000000024();
    const total = users + orders + entries;
    expect(await step(fill)).toEqual({ what: 'events of users', done: users, total });
    expect(await step(fill)).toEqual({ what: 'events of orders', done: users + orders, total });
    const filled = (await journalOf(database)).length;
    expect(filled).toBeGreaterThan(users + orders);

    const again = new FillJournal1700000000024();
    const left = { what: 'events of entries', done: entries, total: entries + 1 };
    // The last order is counted once more.
    expect(await step(again)).toEqual(left);
    expect(await step(again)).toBeUndefined();
    await runner.commitTransaction();
    await migrate(database.uri);
    expect((await reconcile(database.uri)).differences).toEqual([]);
  });
});
