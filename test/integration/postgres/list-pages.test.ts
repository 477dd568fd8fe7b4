import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SqlAccountQueries } from '../../../src/account/infrastructure/sql-account-queries.js';
import type { JsonList, ListQuery } from '../../../src/kernel/application/json-lists.js';
import { UnknownPage, UserMissing } from '../../../src/kernel/domain/domain-error.js';
import { SqlOrderQueries } from '../../../src/orders/infrastructure/sql-order-queries.js';
import type { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';

const ids = new UuidV7Ids();

type Ask = (user: string, query: ListQuery) => Promise<JsonList<unknown>>;

interface ListKind {
  readonly name: string;
  /** Ten lines at each second from {@link FIRST} on. */
  readonly give: (
    open: OpenDatabase,
    user: string,
    count: number,
    digits?: number,
  ) => Promise<unknown>;
  readonly ask: (database: PgUnitOfWork) => Ask;
  /** Its lines, newest first: the number, and the second since {@link FIRST}. */
  readonly lines: string;
  readonly time: string;
}

const FIRST = Date.parse('2026-01-01T00:00:00Z');

const giveEntries: ListKind['give'] = async ({ books, database }, user, count, digits) => {
  await books.withdrawals(user, count, digits);
  // What tests write, triggers keep from being changed: the times are those of the versions.
  await database.query('SET session_replication_role = replica');
  await database.query(
    `UPDATE gophermart.ledger_entries SET at = $2::timestamptz + version / 10 * interval '1 second'
     WHERE account_id = $1`,
    [user, new Date(FIRST)],
  );
  await database.query('RESET session_replication_role');
};

const ENTRIES = `SELECT order_num AS number, extract(epoch FROM at)::integer - $2::integer AS second
  FROM gophermart.ledger_entries WHERE account_id = $1 ORDER BY version DESC`;

const KINDS: readonly ListKind[] = [
  {
    name: 'orders',
    give: ({ books }, user, count, digits) => books.orders(user, count, digits),
    ask: (database) => {
      const queries = new SqlOrderQueries(database);
      return (user, query) => queries.list(user, query);
    },
    lines: `SELECT num AS number, extract(epoch FROM uploaded_at)::integer - $2::integer AS second
            FROM gophermart.orders WHERE user_id = $1 ORDER BY uploaded_at DESC, id DESC`,
    time: 'uploaded_at',
  },
  {
    name: 'withdrawals',
    give: giveEntries,
    ask: (database) => {
      const queries = new SqlAccountQueries(database);
      return (user, query) => queries.withdrawals(user, query);
    },
    lines: ENTRIES,
    time: 'processed_at',
  },
  {
    name: 'entries',
    give: giveEntries,
    ask: (database) => {
      const queries = new SqlAccountQueries(database);
      return (user, query) => queries.history(user, query);
    },
    lines: ENTRIES,
    time: 'at',
  },
];

describe.each(KINDS)('pages of $name', ({ give, ask, lines, time }) => {
  let open: OpenDatabase;
  let list: Ask;

  beforeAll(async () => {
    open = await openDatabase();
    list = ask(open.unitOfWork);
  });

  afterAll(() => open.close());

  const userWith = async (count: number, digits?: number): Promise<string> => {
    const user = await open.books.user();
    await give(open, user, count, digits);
    return user;
  };

  const expected = (user: string): Promise<{ number: string; second: number }[]> =>
    open.database.query(lines, [user, FIRST / 1_000]);

  const textOf = async ({ text }: JsonList<unknown>): Promise<string> => {
    if (typeof text === 'string') return text;
    let whole = '';
    for await (const piece of text) whole += piece;
    return whole;
  };

  const numbersOf = async (page: JsonList<unknown>): Promise<string[]> =>
    (JSON.parse(await textOf(page)) as { number?: string; order?: string }[]).map(
      ({ number, order }) => number ?? order ?? '',
    );

  const pagesOf = async (
    user: string,
    query: ListQuery,
    meanwhile = (): Promise<unknown> => Promise.resolve(),
  ): Promise<string[][]> => {
    const pages: string[][] = [];
    for (let after: string | undefined; ; await meanwhile()) {
      const page = await list(user, { ...query, after });
      pages.push(await numbersOf(page));
      after = page.next;
      if (after === undefined) return pages;
    }
  };

  it.each([
    [1, 3],
    [20, 60],
    [20, 61],
    [50, 149],
    [51, 130],
    [1_000, 1_000],
    [1_000, 2_345],
  ])('of %i lines have all of %i, once and in their order', async (limit, count) => {
    const user = await userWith(count);
    const pages = await pagesOf(user, { limit });
    expect(pages.flat()).toEqual((await expected(user)).map(({ number }) => number));
    expect(pages.map((page) => page.length)).toEqual([
      ...Array.from({ length: Math.ceil(count / limit) - 1 }, () => limit),
      count % limit || limit,
    ]);
  });

  it('have so many lines also where the lines are long', async () => {
    const user = await userWith(250, 1_000);
    expect((await pagesOf(user, { limit: 100 })).map((page) => page.length)).toEqual([
      100, 100, 50,
    ]);
  });

  it('neither repeat nor miss what was there at the first one, whatever comes', async () => {
    const user = await userWith(60);
    const before = (await expected(user)).map(({ number }) => number);
    const pages = await pagesOf(user, { limit: 7 }, () => give(open, user, 30));
    const shown = pages.flat();
    expect(shown.filter((number) => before.includes(number))).toEqual(before);
    expect(new Set(shown).size).toBe(shown.length);
  });

  it('begin and end at a time', async () => {
    const user = await userWith(100);
    const all = await expected(user);
    for (const [from, to] of [
      [3, 7],
      [0, 1],
      [7, undefined],
      [undefined, 4],
      [50, 60],
      [5, 5],
      [-10, -5],
    ]) {
      const within = all.filter(
        ({ second }) => second >= (from ?? -100) && second < (to ?? 10_000),
      );
      const query = {
        from: from === undefined ? undefined : FIRST + from * 1_000,
        to: to === undefined ? undefined : FIRST + to * 1_000,
      };
      const numbers = within.map(({ number }) => number);
      expect(await numbersOf(await list(user, query))).toEqual(numbers);
      expect((await pagesOf(user, { ...query, limit: 8 })).flat()).toEqual(numbers);
    }
  });

  it('count times as they are shown, by whole milliseconds', async () => {
    const user = await userWith(1);
    const [line] = JSON.parse(await textOf(await list(user, {}))) as Record<string, string>[];
    const at = Date.parse(line?.[time] ?? '');
    const within = async (query: ListQuery): Promise<boolean> => !(await list(user, query)).isEmpty;
    expect(await within({ from: at, to: at + 1 })).toBe(true);
    expect(await within({ from: at + 1 })).toBe(false);
    expect(await within({ to: at })).toBe(false);
  });

  it('begin nowhere else', async () => {
    const user = await userWith(30);
    for (const after of [' ', 'x', '1; DROP', '~', '1'.repeat(40)])
      await expect(list(user, { limit: 10, after })).rejects.toThrow(UnknownPage);
  });

  it('of nobody are refused', async () => {
    await expect(list(ids.next(), { limit: 10 })).rejects.toThrow(UserMissing);
  });

  it('for many users at once are a few statements', async () => {
    const users = await open.books.users(100);
    await give(open, users[7] ?? '', 3);
    open.unitOfWork.statements = 0;
    const pages = await Promise.all(users.map((user) => list(user, { limit: 20 })));
    // Three of 16, and the rest.
    expect(open.unitOfWork.statements).toBe(4);
    expect(pages.map(({ isEmpty }) => isEmpty)).toEqual(users.map((_, i) => i !== 7));
  });
});
