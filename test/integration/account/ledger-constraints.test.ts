import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';

const ids = new UuidV7Ids();

describe('what the database itself refuses', () => {
  let open: OpenDatabase;
  let ann: string;
  let order: string;

  beforeAll(async () => {
    open = await openDatabase();
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    ann = await open.books.user('10');
    order = await open.books.order(ann);
  });

  const entry = (changes: Record<string, unknown> = {}): Promise<unknown> => {
    const row = {
      id: ids.next(),
      account_id: ann,
      version: 1,
      kind: 'ACCRUAL',
      amount: 5,
      balance_after: 15,
      order_num: freshNumber(),
      at: new Date(),
      ...changes,
    };
    const columns = Object.keys(row);
    const places = columns.map((_, i) => `$${i + 1}`);
    return open.database.query(
      `INSERT INTO gophermart.ledger_entries (${columns.join()}) VALUES (${places.join()})`,
      Object.values(row),
    );
  };

  it.each([
    'balance = -0.01',
    'balance = 1e13',
    'withdrawn = -0.01',
    'version = -1',
    `balance = 'NaN'`,
  ])('an account with %s', async (change) => {
    await expect(
      open.database.query(`UPDATE gophermart.accounts SET ${change} WHERE user_id = $1`, [ann]),
    ).rejects.toMatchObject({
      code: '23514',
    });
  });

  it.each([
    [{ amount: 0 }],
    [{ amount: -5 }],
    [{ amount: '10000000000000.01' }],
    [{ balance_after: -0.01 }],
    [{ version: 0 }],
    [{ order_num: '' }],
    [{ order_num: '12a' }],
    [{ order_num: '1"}' }],
    [{ order_num: '0'.repeat(1001) }],
    [{ order_num: null }],
    [{ reason: 'an award has none' }],
    [{ kind: 'REVERSAL' }],
    [{ kind: 'REVERSAL', reason: '' }],
    [{ kind: 'REVERSAL', reason: 'x'.repeat(1001) }],
    [{ kind: 'ADJUSTMENT', reason: 'for an order' }],
    [{ kind: 'ADJUSTMENT', order_num: null }],
    [{ kind: 'ADJUSTMENT', order_num: null, reason: 'of nothing', amount: 0 }],
    [{ kind: 'ADJUSTMENT', order_num: null, reason: 'of too much', amount: '-10000000000000.01' }],
    [{ kind: 'ADJUSTMENT', order_num: null, reason: 'of no number', amount: 'NaN' }],
  ])('an entry with %j', async (changes) => {
    await expect(entry(changes)).rejects.toMatchObject({ code: '23514' });
  });

  it('a second award for one order number, whoever gets it', async () => {
    const number = freshNumber();
    const bob = await open.books.user();
    await entry({ order_num: number });
    await expect(entry({ order_num: number, account_id: bob })).rejects.toMatchObject({
      constraint: 'one_entry_per_order_and_kind',
    });
    await expect(
      entry({ order_num: number, account_id: bob, kind: 'WITHDRAWAL' }),
    ).resolves.toEqual([]);
  });

  it('a second reversal of an order, but no second adjustment', async () => {
    const number = freshNumber();
    const reversal = { kind: 'REVERSAL', reason: 'sent back', order_num: number };
    await entry(reversal);
    await expect(entry({ ...reversal, version: 2 })).rejects.toMatchObject({
      constraint: 'one_entry_per_order_and_kind',
    });
    const adjustment = { kind: 'ADJUSTMENT', order_num: null, reason: 'a complaint', amount: -5 };
    await entry({ ...adjustment, version: 2 });
    await entry({ ...adjustment, version: 3 });
  });

  it('two entries of one version, an entry without an account', async () => {
    await entry();
    await expect(entry()).rejects.toMatchObject({ constraint: 'one_entry_per_version' });
    await expect(entry({ account_id: ids.next() })).rejects.toMatchObject({ code: '23503' });
  });

  it.each([
    `status = 'INVALID', accrual = 5`,
    `status = 'PROCESSING', accrual = 5`,
    `status = 'PROCESSED', accrual = 0`,
    `status = 'PROCESSED', accrual = -1`,
    `status = 'PROCESSED', accrual = 1e13`,
    `num = 'abc'`,
  ])('an order with %s', async (change) => {
    await expect(
      open.database.query(`UPDATE gophermart.orders SET ${change} WHERE id = $1`, [order]),
    ).rejects.toMatchObject({
      code: '23514',
    });
  });

  it('a parked task without a reason, tries below zero, a task without an order', async () => {
    const task = await open.books.task(ann);
    const update = (change: string): Promise<unknown> =>
      open.database.query(`UPDATE gophermart.queue SET ${change} WHERE order_id = $1`, [task]);
    await expect(update(`status = 'FAILED'`)).rejects.toMatchObject({
      constraint: 'parked_with_a_reason',
    });
    await expect(update('tries = -1')).rejects.toMatchObject({ code: '23514' });
    await expect(update(`order_id = '${ids.next()}'`)).rejects.toMatchObject({ code: '23503' });
  });

  it('a second gate, an open breaker that never probes, a limit of nothing', async () => {
    const query = (text: string): Promise<unknown> => open.database.query(text);
    await expect(query('INSERT INTO gophermart.accrual_gate DEFAULT VALUES')).rejects.toMatchObject(
      { code: '23505' },
    );
    await expect(
      query('INSERT INTO gophermart.accrual_gate (only_row) VALUES (false)'),
    ).rejects.toMatchObject({ code: '23514' });
    await expect(
      query('UPDATE gophermart.accrual_gate SET breaker_open = true'),
    ).rejects.toMatchObject({ code: '23514' });
    await expect(
      query('UPDATE gophermart.accrual_gate SET rate_per_minute = 0'),
    ).rejects.toMatchObject({ code: '23514' });
  });
});
