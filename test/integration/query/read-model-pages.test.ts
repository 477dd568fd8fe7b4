import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { JsonList } from '../../../src/kernel/application/json-lists.js';
import { MomentInFuture, UnknownPage } from '../../../src/kernel/domain/domain-error.js';
import { OrderNotFound } from '../../../src/orders/domain/order.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import type { EntryFact, Fact, OrderFact } from '../../../src/query/domain/fact.js';
import { ReadModelAccountQueries } from '../../../src/query/infrastructure/read-model-accounts.js';
import {
  READ_MODEL,
  ReadModelDatabase,
} from '../../../src/query/infrastructure/read-model-database.js';
import { ReadModelOrderQueries } from '../../../src/query/infrastructure/read-model-orders.js';
import { SqlReadModel } from '../../../src/query/infrastructure/sql-read-model.js';
import { createReadModelDatabase } from '../../support/database/read-model.js';
import type { TestDatabase } from '../../support/database/test-database.js';

const ids = new UuidV7Ids();
const ANN = ids.next();
const START = Date.parse('2026-11-29T08:00:00.000Z');
const at = (second: number): string => new Date(START + second * 1_000).toISOString();

describe('the pages of a read model', () => {
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

  const order = (number: number, revision: number, others: Partial<OrderFact>): Fact => ({
    order: { userId: ANN, number: `${number}`, revision, status: 'NEW', ...others },
  });
  const created = (number: number): Fact =>
    order(number, 1, { uploadedAt: at(number), created: `${number}` });
  const started = (number: number): Fact =>
    order(number, 2, { status: 'PROCESSING', processingAt: at(100) });
  const finished = (number: number, revision = 3): Fact =>
    order(number, revision, { status: 'PROCESSED', accrual: '5.00', finishedAt: at(200) });
  const entry = (revision: number, kind: string, others: Partial<EntryFact> = {}): Fact => ({
    entry: {
      userId: ANN,
      revision,
      position: `${revision}`,
      id: `0190a5b0-0000-7000-8000-${String(revision).padStart(12, '0')}`,
      kind,
      number: `${revision}`,
      amount: kind === 'WITHDRAWAL' ? '-1.50' : '7.00',
      balance: `${revision}.00`,
      withdrawn: '1.50',
      at: at(revision),
      ...others,
    },
  });

  const linesOf = ({ text }: JsonList<unknown>): Record<string, unknown>[] =>
    JSON.parse(text as string) as Record<string, unknown>[];

  it('follow each other through orders, within times', async () => {
    await model.store(Array.from({ length: 9 }, (_, i) => created(i + 1)));
    const shown: unknown[] = [];
    const query = { from: START + 2_000, to: START + 8_000, limit: 2 };
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined;) {
      const page = await orders.list(ANN, { ...query, after });
      shown.push(...linesOf(page).map(({ number }) => number));
      [after, isFirst] = [page.next, false];
    }
    expect(shown).toEqual(['7', '6', '5', '4', '3', '2']);
    await expect(orders.list(ANN, { limit: 2, after: '77' })).rejects.toThrow(UnknownPage);
  });

  it('of a status show who had it when the first one was read', async () => {
    await model.store([1, 2, 3, 4, 5].map(created));
    const { next } = await orders.list(ANN, { only: ['NEW'], limit: 1 });
    await model.store([started(4), started(3), finished(3), finished(2, 2)]);
    const rest = await orders.list(ANN, { only: ['NEW'], limit: 10, after: next });
    expect(linesOf(rest).map(({ number, status }) => [number, status])).toEqual(
      ['4', '3', '2', '1'].map((number) => [number, 'NEW']),
    );
    const now = await orders.list(ANN, { only: ['NEW', 'PROCESSING'] });
    expect(linesOf(now).map(({ number }) => number)).toEqual(['5', '4', '1']);
  });

  it('show an order with its steps, by the times of the events', async () => {
    await model.store([finished(1), created(1)]);
    await model.store([started(1)]);
    const detail = JSON.parse(await orders.detail(ANN, '1')) as unknown;
    expect(detail).toEqual({
      number: '1',
      status: 'PROCESSED',
      accrual: 5,
      uploaded_at: at(1),
      history: [
        { status: 'NEW', at: at(1) },
        { status: 'PROCESSING', at: at(100) },
        { status: 'PROCESSED', at: at(200) },
      ],
    });
    await expect(orders.detail(ids.next(), '1')).rejects.toThrow(OrderNotFound);
  });

  it('show entries of all kinds, with reasons as they are', async () => {
    const reason = 'a "gift"\n\\';
    await model.store([
      entry(1, 'ACCRUAL'),
      entry(2, 'WITHDRAWAL'),
      entry(3, 'ADJUSTMENT', { reason, amount: '-0.50' }),
    ]);
    const { entry: withoutOrder } = entry(4, 'REVERSAL') as {
      entry: { number?: string } & EntryFact;
    };
    delete withoutOrder.number;
    await model.store([{ entry: withoutOrder }]);
    const line = { id: expect.any(String), at: expect.any(String) };
    expect(linesOf(await accounts.history(ANN))).toEqual([
      { ...line, kind: 'REVERSAL', amount: 7, balance_after: 4 },
      { ...line, kind: 'ADJUSTMENT', order: '3', amount: -0.5, balance_after: 3, reason },
      { ...line, kind: 'WITHDRAWAL', order: '2', amount: -1.5, balance_after: 2 },
      { ...line, kind: 'ACCRUAL', order: '1', amount: 7, balance_after: 1 },
    ]);
    const some = await accounts.history(ANN, { only: ['ACCRUAL', 'REVERSAL'], to: START + 4_000 });
    expect(linesOf(some).map(({ kind }) => kind)).toEqual(['ACCRUAL']);
    const page = await accounts.history(ANN, { from: START + 2_000, limit: 2 });
    expect(linesOf(page).map(({ kind }) => kind)).toEqual(['REVERSAL', 'ADJUSTMENT']);
    const last = await accounts.history(ANN, { from: START + 2_000, limit: 2, after: page.next });
    expect(linesOf(last).map(({ kind }) => kind)).toEqual(['WITHDRAWAL']);
  });

  it('tell a balance as of then', async () => {
    await model.store([entry(1, 'ACCRUAL'), entry(2, 'WITHDRAWAL')]);
    expect(await accounts.balance(ANN, START)).toBe('{"current":0,"withdrawn":0}');
    expect(await accounts.balance(ANN, START + 1_999)).toBe('{"current":1,"withdrawn":1.5}');
    expect(await accounts.balance(ANN, START + 2_000)).toBe('{"current":2,"withdrawn":1.5}');
  });

  it('refuse what begins in the future, and not what ends there', async () => {
    await model.store([created(1), entry(1, 'ACCRUAL')]);
    const future = Date.now() + 60_000;
    await expect(accounts.balance(ANN, future)).rejects.toThrow(MomentInFuture);
    for (const query of [{ from: future }, { from: future, limit: 500 }])
      for (const list of [orders.list(ANN, query), accounts.history(ANN, query)])
        await expect(list).rejects.toThrow('from must not lie in the future');
    expect(linesOf(await orders.list(ANN, { from: START, to: future }))).toHaveLength(1);
  });
});
