import { once } from 'node:events';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import { SqlAccountQueries } from '../../../src/account/infrastructure/sql-account-queries.js';
import type { JsonList } from '../../../src/kernel/application/json-lists.js';
import { SqlOrderQueries } from '../../../src/orders/infrastructure/sql-order-queries.js';
import { sendJson } from '../../../src/platform/http/json/send-json.js';
import type { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { eventually } from '../../support/eventually.js';

/** Of a piece, with what it may hold beyond 64 kB: the rest of its lines. */
const MOST_BYTES = 110_000;

type ListOf = (user: string) => Promise<JsonList<unknown>>;

interface ListKind {
  readonly name: string;
  readonly give: (
    open: OpenDatabase,
    user: string,
    count: number,
    digits?: number,
  ) => Promise<void>;
  readonly lists: (database: PgUnitOfWork) => ListOf;
  /** The order number of a line. */
  readonly number: (line: unknown) => string;
  /** Selects the `number` of each line of the user `$1`, newest first. */
  readonly expected: string;
  /** What may happen to the user's lines while they are read. */
  readonly change: (open: OpenDatabase, user: string) => Promise<unknown>;
}

const KINDS: readonly ListKind[] = [
  {
    name: 'orders',
    give: ({ books }, user, count, digits) => books.orders(user, count, digits),
    lists: (database) => {
      const queries = new SqlOrderQueries(database);
      return (user) => queries.list(user);
    },
    number: (line) => (line as { number: string }).number,
    expected: `SELECT num AS number FROM gophermart.orders WHERE user_id = $1
               ORDER BY uploaded_at DESC, id DESC`,
    change: async ({ database, books }, user) => {
      await database.query(`UPDATE gophermart.orders SET status = 'INVALID' WHERE user_id = $1`, [
        user,
      ]);
      await books.order(user);
    },
  },
  {
    name: 'withdrawals',
    give: ({ books }, user, count, digits) => books.withdrawals(user, count, digits),
    lists: (database) => {
      const queries = new SqlAccountQueries(database);
      return (user) => queries.withdrawals(user);
    },
    number: (line) => (line as { order: string }).order,
    expected: `SELECT order_num AS number FROM gophermart.ledger_entries
               WHERE account_id = $1 AND kind = 'WITHDRAWAL' ORDER BY version DESC`,
    change: ({ books }, user) => books.withdrawals(user, 3),
  },
];

describe.each(KINDS)('a long list of $name', ({ give, lists, number, expected, change }) => {
  let open: OpenDatabase;
  let listOf: ListOf;

  beforeAll(async () => {
    open = await openDatabase();
    listOf = lists(open.unitOfWork);
  });

  afterAll(() => open.close());

  async function userWith(count: number, digits?: number): Promise<string> {
    const user = await open.books.user();
    await give(open, user, count, digits);
    return user;
  }

  const expectedOf = async (user: string): Promise<string[]> =>
    (await open.database.query<{ number: string }>(expected, [user])).map((row) => row.number);

  const numbers = (json: string): string[] => (JSON.parse(json) as unknown[]).map(number);

  async function longListOf(user: string, from = listOf): Promise<AsyncIterable<string>> {
    const { text } = await from(user);
    if (typeof text === 'string') throw new Error('the list is in one piece');
    return text;
  }

  async function piecesOf(user: string, meanwhile?: () => Promise<unknown>): Promise<string[]> {
    const pieces: string[] = [];
    for await (const piece of await longListOf(user)) {
      if (pieces.length === 0) await meanwhile?.();
      pieces.push(piece);
    }
    return pieces;
  }

  it('is one piece up to 49 lines', async () => {
    const user = await userWith(49);
    const { text } = await listOf(user);
    expect(numbers(text as string)).toEqual(await expectedOf(user));
  });

  it.each([50, 51, 549, 550, 551, 2_345])(
    'shows each of %i lines once, in order',
    async (count) => {
      const user = await userWith(count);
      const pieces = await piecesOf(user);
      expect(numbers(pieces.join(''))).toEqual(await expectedOf(user));
    },
  );

  it('comes in pieces of few lines where the lines are long', async () => {
    const user = await userWith(1_000, 1_000);
    const pieces = await piecesOf(user);
    expect(Math.max(...pieces.map((each) => each.length))).toBeLessThan(MOST_BYTES);
    expect(pieces.length).toBeGreaterThan(15);
    expect(numbers(pieces.join(''))).toEqual(await expectedOf(user));
  });

  it('comes in pieces of hundreds of lines where the lines are short', async () => {
    const user = await userWith(2_000);
    expect((await piecesOf(user)).length).toBeLessThan(8);
  });

  it('is not confused by what changes while it is read', async () => {
    const user = await userWith(2_500);
    const before = await expectedOf(user);
    const pieces = await piecesOf(user, () => change(open, user));
    expect(numbers(pieces.join(''))).toEqual(before);
  });

  it('asks for no page before the one in hand is taken', async () => {
    const list = await longListOf(await userWith(2_000));
    open.unitOfWork.statements = 0;
    const pages = list[Symbol.asyncIterator]();
    await pages.next();
    expect(open.unitOfWork.statements).toBe(0);
    await pages.next();
    expect(open.unitOfWork.statements).toBe(1);
    await pages.return?.();
    expect(open.unitOfWork.statements).toBe(1);
  });

  it('asks for one page more than its client takes', async () => {
    const user = await userWith(10_000);
    const sent: Readable[] = [];
    const reply = {
      request: { method: 'GET' },
      type: () => ({ send: (stream: Readable) => sent.push(stream) }),
    };
    sendJson(reply as unknown as FastifyReply, await listOf(user));
    open.unitOfWork.statements = 0;
    const [stream] = sent;
    await once(stream ?? new Readable(), 'readable');
    await new Promise(setImmediate);
    expect(stream?.read()).toMatch(/^\[/);
    await eventually('the next page is there', () => (stream?.readableLength ?? 0) > 0);
    // Time enough for more, if more were asked for.
    await open.database.query('SELECT pg_sleep(0.1)');
    expect(open.unitOfWork.statements).toBe(1);
    stream?.destroy();
  });

  it('leaves connections to others, however many are read at once', async () => {
    let now = 0;
    let most = 0;
    const query = async (...statement: Parameters<PgUnitOfWork['query']>): Promise<unknown> => {
      most = Math.max(most, ++now);
      return open.unitOfWork.query(...statement).finally(() => now--);
    };
    const listsOf = lists({ query } as unknown as PgUnitOfWork);
    const user = await userWith(1_200);
    const readers = Array.from({ length: 8 }, async () => {
      let read = '';
      for await (const piece of await longListOf(user, listsOf)) read += piece;
      return read;
    });
    const [first, ...others] = await Promise.all(readers);
    expect(new Set(others)).toEqual(new Set([first]));
    expect(most).toBe(1);
  });
});
