import pLimit from 'p-limit';
import type { JsonPage } from '../../../kernel/application/ports.js';
import { UnknownPage } from '../../../kernel/domain/domain-error.js';
import { BatchedRead } from './batched-read.js';
import type { PgUnitOfWork } from '../pg-unit-of-work.js';

/** Most lists are no longer than this and need no second statement. */
const FIRST_PAGE_LINES = 50;

/** A following page ends with whichever comes first. */
const PAGE_LINES = 500;
const PAGE_BYTES = 64_000;

/**
 * So many following pages are read at once, for all clients together. With two, everybody else
 * waited twice as long beside 60 clients of long lists.
 */
const FOLLOWING_PAGES = 1;

/** Less than of balances, because a list costs the database several times as much. */
const ENOUGH_USERS = 16;

/** Where the lines of the users' lists come from, in SQL. */
export interface ListSource {
  /** A table with one row for each user, and its column of the user's id. */
  readonly users: { readonly table: string; readonly id: string };
  /**
   * Selects the rows of the user's lines in their order: their `position`, and what `line` and
   * `bytes` need. With `after` those behind that position.
   */
  readonly rows: (user: string, after?: string) => string;
  /** A line as JSON. */
  readonly line: string;
  /** Whether a text can be a `position`. */
  readonly isPosition: (text: string) => boolean;
  /** About how long the line is. It must be cheap: it is asked of rows that are not used then. */
  readonly bytes: string;
}

interface PageRow {
  /** The page's lines, separated by commas; null for none. */
  readonly lines: string | null;
  /** The position of the last line, where more may follow. */
  readonly next: string | null;
}

/**
 * Lists of users' own things as JSON, written by the database (ADR 0010). The first pages of
 * several users are read by one statement; a following page is one of its own. A page has a limit
 * in lines and bytes, so no list costs more memory than a page.
 */
export class BatchedList<Line> {
  readonly #firstPages: BatchedRead<PageRow>;
  readonly #followingPage: string;
  readonly #limit = pLimit(FOLLOWING_PAGES);

  constructor(
    private readonly database: PgUnitOfWork,
    private readonly source: ListSource,
  ) {
    const { users, rows, line, bytes } = source;
    this.#firstPages = new BatchedRead(
      database,
      `SELECT u.${users.id} AS key, lines, next
       FROM ${users.table} u CROSS JOIN LATERAL (
         SELECT string_agg(${line}, ',') AS lines,
           CASE WHEN count(*) = ${FIRST_PAGE_LINES}
             THEN (array_agg(position))[${FIRST_PAGE_LINES}] END AS next
         FROM (${rows(`u.${users.id}`)} LIMIT ${FIRST_PAGE_LINES}) page
       ) page
       WHERE u.${users.id} = ANY($1::uuid[])`,
      ENOUGH_USERS,
    );
    this.#followingPage = `
      SELECT string_agg(${line}, ',') AS lines, (array_agg(position))[count(*)] AS next
      FROM (
        SELECT page.*, sum(${bytes}) OVER (ROWS UNBOUNDED PRECEDING) AS bytes
        FROM (${rows('$1', '$2')} LIMIT ${PAGE_LINES}) page
      ) page
      WHERE bytes <= ${PAGE_BYTES}`;
  }

  /**
   * @param after the `next` of an earlier page; without it the first one comes.
   * @throws UserMissing, of the first page; UnknownPage; DatabaseUnavailable.
   */
  async page(userId: string, after?: string): Promise<JsonPage<Line>> {
    const row = await (after === undefined
      ? this.#firstPages.get(userId)
      : this.#following(userId, after));
    return { lines: row?.lines ?? '', next: row?.next ?? undefined };
  }

  async #following(userId: string, after: string): Promise<PageRow | undefined> {
    if (!this.source.isPosition(after)) throw new UnknownPage();
    const { rows } = await this.#limit(() =>
      this.database.query<PageRow>(this.#followingPage, [userId, after]),
    );
    return rows[0];
  }
}

/** Of versions and the like. */
export function isBigint(text: string): boolean {
  return /^\d{1,18}$/.test(text);
}
