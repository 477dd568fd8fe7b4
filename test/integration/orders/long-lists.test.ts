import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SqlOrderHistory } from '../../../src/orders/infrastructure/sql-order-history.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';

describe('a list of thousands of orders', () => {
  let open: OpenDatabase;
  let history: SqlOrderHistory;

  beforeAll(async () => {
    open = await openDatabase();
    history = new SqlOrderHistory(open.unitOfWork);
  });

  afterAll(() => open.close());

  /** Ten to each moment, so that pages end among orders of one time. */
  async function customerWith(orders: number): Promise<string> {
    const user = await open.books.user();
    await open.database.query(
      `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at)
       SELECT gen_random_uuid(), $1, $2 || lpad(n::text, 6, '0'), 'NEW', timestamptz '2026-01-01Z' + n / 10 * interval '1 second'
       FROM generate_series(1, $3) n`,
      [user, `${Date.now()}`, orders],
    );
    return user;
  }

  const expected = async (user: string): Promise<string[]> => {
    const rows = await open.database.query<{ num: string }>(
      'SELECT num FROM gophermart.orders WHERE user_id = $1 ORDER BY uploaded_at DESC, id DESC',
      [user],
    );
    return rows.map(({ num }) => num);
  };

  async function piecesOf(user: string, meanwhile?: () => Promise<unknown>): Promise<string[]> {
    const list = await history.of(user);
    if (typeof list !== 'object' || list === null) throw new Error('the list is in one piece');
    const pieces: string[] = [];
    for await (const piece of list) {
      if (pieces.length === 0) await meanwhile?.();
      pieces.push(piece);
    }
    return pieces;
  }

  const numbers = (json: string): string[] =>
    (JSON.parse(json) as { number: string }[]).map(({ number }) => number);

  it('is one piece up to 999', async () => {
    const user = await customerWith(999);
    expect(numbers((await history.of(user)) as string)).toEqual(await expected(user));
  });

  it.each([1_000, 1_001, 2_000, 2_345])(
    'shows each of %i once, in order, by pages',
    async (count) => {
      const user = await customerWith(count);
      const pieces = await piecesOf(user);
      expect(pieces.length).toBeGreaterThan(count / 1_000);
      expect(Math.max(...pieces.map((each) => each.length))).toBeLessThan(150_000);
      expect(numbers(pieces.join(''))).toEqual(await expected(user));
    },
  );

  it('is not confused by what is uploaded and settled while it is read', async () => {
    const user = await customerWith(2_500);
    const before = await expected(user);
    const pieces = await piecesOf(user, async () => {
      await open.database.query(
        `UPDATE gophermart.orders SET status = 'INVALID' WHERE user_id = $1`,
        [user],
      );
      await open.database.query(
        `INSERT INTO gophermart.orders (id, user_id, num, status, uploaded_at) VALUES (gen_random_uuid(), $1, $2, 'NEW', now())`,
        [user, `${Date.now()}7`],
      );
    });
    expect(numbers(pieces.join(''))).toEqual(before);
  });

  it('asks for no page before the one in hand is taken', async () => {
    const list = (await history.of(await customerWith(5_000))) as AsyncIterable<string>;
    open.unitOfWork.statements = 0;
    const pages = list[Symbol.asyncIterator]();
    await pages.next();
    expect(open.unitOfWork.statements).toBe(0);
    await pages.next();
    expect(open.unitOfWork.statements).toBe(1);
    await pages.return?.();
    expect(open.unitOfWork.statements).toBe(1);
  });
});
