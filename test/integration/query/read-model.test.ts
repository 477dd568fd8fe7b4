import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { DataRejected } from '../../../src/kernel/application/persistence-errors.js';
import type { JsonList } from '../../../src/kernel/application/json-lists.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import type { EntryFact, OrderFact } from '../../../src/query/domain/fact.js';
import {
  READ_MODEL,
  ReadModelDatabase,
} from '../../../src/query/infrastructure/read-model-database.js';
import { ReadModelAccountQueries } from '../../../src/query/infrastructure/read-model-accounts.js';
import { ReadModelOrderQueries } from '../../../src/query/infrastructure/read-model-orders.js';
import { SqlReadModel } from '../../../src/query/infrastructure/sql-read-model.js';
import { createReadModelDatabase } from '../../support/database/read-model.js';
import type { TestDatabase } from '../../support/database/test-database.js';

const ids = new UuidV7Ids();
const ANN = ids.next();
const BOB = ids.next();
const AT = '2026-11-29T08:00:00.123Z';

/** Of the entry with this revision. */
const idOf = (revision: number): string =>
  `0190a5b0-0000-7000-8000-${String(revision).padStart(12, '0')}`;

describe(SqlReadModel, () => {
  let database: TestDatabase;
  let connection: DataSource;
  let model: SqlReadModel;
  let orders: ReadModelOrderQueries;
  let accounts: ReadModelAccountQueries;

  beforeEach(async () => {
    database = await createReadModelDatabase();
    connection = await new DataSource(dataSourceOptions(database.uri, 2, READ_MODEL)).initialize();
    const own = new ReadModelDatabase(connection);
    model = new SqlReadModel(own);
    orders = new ReadModelOrderQueries(own);
    accounts = new ReadModelAccountQueries(own);
  });

  afterEach(async () => {
    await connection.destroy();
    await database.drop();
  });

  const order = (number: string, revision: number, others: Partial<OrderFact> = {}) => ({
    order: { userId: ANN, number, revision, status: 'PROCESSING', ...others },
  });
  const created = (number: string, at = AT, position = '1') =>
    order(number, 1, { status: 'NEW', uploadedAt: at, created: position });
  const entry = (revision: number, amount: string, others: Partial<EntryFact> = {}) => ({
    entry: {
      userId: ANN,
      revision,
      position: `${10 * revision}`,
      id: idOf(revision),
      kind: amount.startsWith('-') ? 'WITHDRAWAL' : 'ACCRUAL',
      number: `${revision}`,
      amount,
      balance: '5.50',
      withdrawn: '2.00',
      at: AT,
      ...others,
    },
  });

  const read = async (list: Promise<JsonList<unknown>>): Promise<unknown[]> => {
    const { text } = await list;
    let whole = '';
    if (typeof text === 'string') whole = text;
    else for await (const piece of text) whole += piece;
    return JSON.parse(whole) as unknown[];
  };

  it('shows an order by its highest revision, in whatever order events come', async () => {
    const processed = order('18', 3, { status: 'PROCESSED', accrual: '7.50' });
    await model.store([order('18', 2), processed]);
    expect(await read(orders.list(ANN))).toEqual([]);
    await model.store([created('18')]);
    await model.store([order('18', 2)]);
    expect(await read(orders.list(ANN))).toEqual([
      { number: '18', status: 'PROCESSED', accrual: 7.5, uploaded_at: AT },
    ]);
  });

  it('changes no row for an event that comes again', async () => {
    const recount = { userId: ANN, position: '25', balance: '5.00', withdrawn: '2.00' };
    const entries = [entry(1, '7.50'), entry(2, '-2.00')];
    const facts = [created('18'), order('18', 2), ...entries, { recount }];
    await model.store(facts);
    const versions = (): Promise<unknown[]> =>
      database.query(`
        SELECT xmin FROM gophermart_query.orders
        UNION ALL SELECT xmin FROM gophermart_query.entries
        UNION ALL SELECT xmin FROM gophermart_query.recounts`);
    const before = await versions();
    await model.store(facts);
    await model.store([created('18')]);
    expect(await versions()).toEqual(before);
  });

  it('lists orders newest first, those of one moment by their events, in pages', async () => {
    const facts = Array.from({ length: 1_200 }, (_, i) =>
      created(`${10_000 + i}`, new Date(Date.parse(AT) + Math.floor(i / 3)).toISOString(), `${i}`),
    );
    await model.store(facts.toReversed());
    const shown = (await read(orders.list(ANN))) as { number: string }[];
    expect(shown.map(({ number }) => number)).toEqual(
      facts.map((fact) => fact.order.number).toReversed(),
    );
  });

  it('shows the balance after the last entry, and withdrawals newest first', async () => {
    await model.store([
      entry(3, '-1.50', { balance: '4.00', withdrawn: '3.50' }),
      entry(1, '7.50'),
      entry(2, '-2.00'),
    ]);
    expect(await accounts.balance(ANN)).toBe('{"current":4,"withdrawn":3.5}');
    expect(await read(accounts.withdrawals(ANN))).toEqual([
      { order: '3', sum: 1.5, processed_at: AT },
      { order: '2', sum: 2, processed_at: AT },
    ]);
  });

  it('shows what an operator has set an account to, until the next entry', async () => {
    const recount = (position: string, balance: string) => ({
      recount: { userId: ANN, position, balance, withdrawn: '3.50' },
    });
    const balance = async (): Promise<unknown> => JSON.parse(await accounts.balance(ANN));
    await model.store([recount('25', '9.00'), recount('22', '8.00')]);
    expect(await balance()).toEqual({ current: 9, withdrawn: 3.5 });
    await model.store([entry(1, '7.50'), entry(2, '-2.00'), recount('24', '7.00')]);
    expect(await balance()).toEqual({ current: 9, withdrawn: 3.5 });
    await model.store([entry(3, '-1.50', { balance: '7.50', withdrawn: '5.00' })]);
    expect(await balance()).toEqual({ current: 7.5, withdrawn: 5 });
    await model.store([recount('25', '9.00'), entry(2, '-2.00')]);
    expect(await balance()).toEqual({ current: 7.5, withdrawn: 5 });
    await model.store([recount('31', '6.00')]);
    expect(await balance()).toEqual({ current: 6, withdrawn: 3.5 });
    const [last] = (await read(accounts.history(ANN))) as { balance_after: number }[];
    expect(last?.balance_after).toBe(7.5);
  });

  it('has nothing left of what the page tells operators to empty', async () => {
    const recount = { userId: ANN, position: '9', balance: '9.00', withdrawn: '0.00' };
    await model.store([created('18'), entry(1, '7.50'), { recount }]);
    const poison = { position: '7', type: 'order_created', content: {} };
    await model.park([{ event: poison, reason: 'poison' }]);
    await model.reach([{ from: 1n, to: 9n, isEnd: true }]);
    const code = readFileSync('docs/operations.md', 'utf8').split('```sql');
    const emptying = code.find((each) => each.includes('TRUNCATE gophermart_query'));
    await database.query(emptying?.split('```')[0] ?? '');
    const names = await database.query<{ name: string }>(`
      SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'gophermart_query' AND table_name NOT IN ('migrations', 'progress')`);
    expect(names).toHaveLength(4);
    for (const { name } of names)
      expect(await database.query(`SELECT FROM gophermart_query.${name}`)).toHaveLength(0);
    expect(await model.progress()).toMatchObject({ next: 1n, isCaughtUp: false });
  });

  it('shows whom it does not know as a user without anything', async () => {
    await model.store([created('18'), entry(1, '-7.50')]);
    expect(await accounts.balance(BOB)).toBe('{"current":0,"withdrawn":0}');
    expect((await orders.list(BOB)).isEmpty).toBe(true);
    expect((await accounts.withdrawals(BOB)).isEmpty).toBe(true);
  });

  it.each([
    ['a sum that no column holds', entry(2, `${'9'.repeat(30)}.00`)],
    ['a day that there is not', entry(2, '1.00', { at: '2026-02-31T00:00:00Z' })],
  ])('refuses a batch with %s, and stores nothing of it', async (_, poison) => {
    await expect(model.store([entry(1, '1.00'), poison])).rejects.toThrow(DataRejected);
    expect((await database.query('SELECT FROM gophermart_query.entries')).length).toBe(0);
  });

  describe('in its progress', () => {
    const reach = async (from: number, to: number, isEnd = false): Promise<[number, boolean]> => {
      const span = { from: BigInt(from), to: BigInt(to), isEnd };
      const { next, isCaughtUp } = await model.reach([span]);
      expect(await model.progress()).toEqual({ next, isCaughtUp });
      return [Number(next), isCaughtUp];
    };

    it('has caught up when it has everything up to an end', async () => {
      expect(await reach(1, 2_000)).toEqual([2_001, false]);
      expect(await reach(2_001, 2_345, true)).toEqual([2_346, true]);
      expect(await reach(2_346, 2_350)).toEqual([2_351, true]);
    });

    it('has caught up with an empty journal', async () => {
      expect(await reach(1, 0, true)).toEqual([1, true]);
    });

    it('lacks something behind a gap until that is closed', async () => {
      await reach(1, 10, true);
      expect(await reach(21, 30, true)).toEqual([11, false]);
      expect(await reach(31, 40, true)).toEqual([11, false]);
      expect(await reach(5, 30)).toEqual([31, false]);
      expect(await reach(31, 40, true)).toEqual([41, true]);
    });

    it('goes not back with a replay', async () => {
      await reach(1, 10, true);
      expect(await reach(1, 5)).toEqual([11, true]);
    });

    it('knows nothing new from a message that says nothing', async () => {
      await reach(1, 10, true);
      expect(await reach(1, 0)).toEqual([11, true]);
    });
  });

  describe('of parked events', () => {
    const event = (position: string | undefined, content: unknown) => ({
      position,
      type: 'order_created',
      content,
    });
    const refused = [
      { event: event('7', { id: '7', text: 'a \u0000 b' }), reason: 'x'.repeat(600) },
      { event: event(undefined, '<html>'), reason: 'no object' },
    ];

    it('keeps each once, as it came', async () => {
      await model.park(refused);
      await model.park(refused.slice(0, 1));
      expect(await model.parked()).toBe(2);
      expect(await model.toRetry(10)).toEqual([]);
      await database.query('UPDATE gophermart_query.parked_events SET retry = true');
      const parked = await model.toRetry(10);
      expect(parked).toEqual(refused.map((each) => ({ id: expect.any(String), ...each.event })));
    });

    it('gives up what was stored, and keeps the rest', async () => {
      await model.park(refused);
      await database.query('UPDATE gophermart_query.parked_events SET retry = true');
      const [first, second] = await model.toRetry(10);
      if (!first || !second) throw new Error('two were put back');
      await model.retried([first, second], [{ event: second, reason: 'still no object' }]);
      expect(
        await database.query('SELECT position, retry, reason FROM gophermart_query.parked_events'),
      ).toEqual([{ position: null, retry: false, reason: 'still no object' }]);
    });
  });
});
