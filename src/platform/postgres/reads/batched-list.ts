import pLimit from 'p-limit';
import type { JsonPage, ListQuery } from '../../../kernel/application/json-lists.js';
import { MomentInFuture, UnknownPage } from '../../../kernel/domain/domain-error.js';
import { BatchedRead } from './batched-read.js';
import type { PgUnitOfWork } from '../pg-unit-of-work.js';

/** Most lists are no longer than this and need no second statement. */
const FIRST_PAGE_LINES = 50;

/** A following page ends with whichever comes first. */
const PAGE_LINES = 500;
const PAGE_BYTES = 64_000;

/**
 * So many long pages are read at once, for all clients together. With two, everybody else waited
 * twice as long beside 60 clients of long lists.
 */
const LONG_PAGES = 1;

/** Less than of balances, because a list costs the database several times as much. */
const ENOUGH_USERS = 16;

/**
 * How lines are chosen, in SQL. The query is a row `r`: its `user_id`, `from_at` and `to_at` (which
 * are infinite where they are absent), `after` (a `position`, or NULL), `kinds`, and `lines`, the
 * most rows to select.
 */
export interface ChosenLines {
  /** Selects the row `b` that `rows` needs besides; none where `after` is no place of the list. */
  readonly bounds: string;
  /**
   * Selects no more than `r.lines` rows in their order: what `line` and `bytes` need, and the
   * `position` of each, which is text.
   */
  readonly rows: string;
  /** Whether a text can be a `position`. */
  readonly isPosition: (text: string) => boolean;
}

/** Where the lines of the users' lists come from, in SQL. */
export interface ListSource {
  /** A table with one row for each user, and its column of the user's id; absent: all are users. */
  readonly users?: { readonly table: string; readonly id: string };
  /** Selects the rows of the user's lines in their order: what `line` needs, and `position`. */
  readonly newest: (user: string) => string;
  /** Lines of all kinds. */
  readonly chosen: ChosenLines;
  /** Lines of those kinds alone that are in `r.kinds`. */
  readonly ofKinds?: ChosenLines;
  /** A line as JSON. */
  readonly line: string;
  /** About how long the line is. It must be cheap: it is asked of rows that are not used then. */
  readonly bytes: string;
}

interface PageRow {
  /** The page's lines, separated by commas; null for none. */
  readonly lines: string | null;
  readonly count: number;
  /** The position of the last line, where more may follow. */
  readonly next: string | null;
}

type QueriedRow = PageRow & { readonly is_known: true | null; readonly is_of_future: boolean };

/**
 * Lists of users' own things as JSON, written by the database (ADR 0010). The newest lines of
 * several users are read by one statement, and so are short pages; a long page is a statement of
 * its own. A page has a limit in lines and bytes, so no list costs more memory than a page.
 *
 * Pages follow each other by the positions of their lines, which never change (ADR 0044).
 */
export class BatchedList<Line, Kind extends string = never> {
  readonly #newest: BatchedRead<PageRow>;
  readonly #chosen: Queries;
  readonly #ofKinds: Queries;

  constructor(database: PgUnitOfWork, source: ListSource) {
    const { users, newest, chosen, ofKinds, line } = source;
    const [table, id] = users ? [users.table, `u.${users.id}`] : ['UNNEST($1::uuid[])', 'u'];
    this.#newest = new BatchedRead(
      database,
      `SELECT ${id} AS key, lines, count, next
       FROM ${table} u CROSS JOIN LATERAL (
         SELECT string_agg(${line}, ',') AS lines, count(*)::integer AS count,
           CASE WHEN count(*) = ${FIRST_PAGE_LINES}
             THEN (array_agg(position))[${FIRST_PAGE_LINES}] END AS next
         FROM (${newest(id)} LIMIT ${FIRST_PAGE_LINES}) page
       ) page
       ${users ? `WHERE ${id} = ANY($1::uuid[])` : ''}`,
      ENOUGH_USERS,
    );
    this.#chosen = new Queries(database, source, chosen);
    this.#ofKinds = ofKinds ? new Queries(database, source, ofKinds) : this.#chosen;
  }

  /**
   * @throws UserMissing; UnknownPage, where `after` is none of this list; MomentInFuture, where
   * `from` is, by the database's clock; DatabaseUnavailable.
   */
  async page(userId: string, query: ListQuery<Kind>): Promise<JsonPage<Line>> {
    const isChosen = Object.values(query).some((each) => each !== undefined);
    const { lines, count, next } = isChosen
      ? await (query.only ? this.#ofKinds : this.#chosen).page(userId, query)
      : await this.#newest.get(userId);
    return { lines: lines ?? '', count, next: next ?? undefined };
  }
}

/** Between the parts of a key; none of them has one. */
const BAR = '|';

/** Pages of lines that are chosen somehow. */
class Queries {
  readonly #short: BatchedRead<QueriedRow>;
  readonly #long: BatchedRead<QueriedRow>;
  readonly #limit = pLimit(LONG_PAGES);

  /** One line more than asked for is read, which tells whether there are more. */
  constructor(
    database: PgUnitOfWork,
    { users, line, bytes }: ListSource,
    private readonly chosen: ChosenLines,
  ) {
    const statement = `
      SELECT r.key, page.*, b.is_known, r.from_at > clock_timestamp() AS is_of_future
      FROM (
        SELECT key, user_id, from_at, to_at, after, string_to_array(kinds, ',') AS kinds,
          wanted, wanted + 1 AS lines
        FROM UNNEST($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[],
          $6::text[], $7::integer[]) AS r (key, user_id, from_at, to_at, after, kinds, wanted)
      ) r
      ${users ? `JOIN ${users.table} u ON u.${users.id} = r.user_id` : ''}
      LEFT JOIN LATERAL (SELECT true AS is_known, b.* FROM (${chosen.bounds}) b) b ON true
      CROSS JOIN LATERAL (
        SELECT string_agg(${line}, ',') FILTER (WHERE fits) AS lines,
          count(*) FILTER (WHERE fits)::integer AS count,
          CASE WHEN NOT bool_and(fits)
            THEN (array_agg(position))[count(*) FILTER (WHERE fits)] END AS next
        FROM (
          SELECT rows.*, row_number() OVER () <= r.wanted AND sum(${bytes})
            OVER (ROWS UNBOUNDED PRECEDING) <= ${PAGE_BYTES} AS fits
          FROM (${chosen.rows}) rows
        ) page
      ) page`;
    this.#short = new BatchedRead(database, statement, ENOUGH_USERS, columnsOf);
    this.#long = new BatchedRead(database, statement, 1, columnsOf);
  }

  async page(
    userId: string,
    { from, to, after = '', only = [], limit = PAGE_LINES }: ListQuery<string>,
  ): Promise<PageRow> {
    if (after !== '' && !this.chosen.isPosition(after)) throw new UnknownPage();
    const wanted = Math.min(limit, PAGE_LINES);
    const key = [userId, timeOf(from, '-'), timeOf(to), after, only.join(), wanted].join(BAR);
    const row = await (wanted <= FIRST_PAGE_LINES
      ? this.#short.get(key)
      : this.#limit(() => this.#long.get(key)));
    if (!row.is_known) throw new UnknownPage();
    if (row.is_of_future) throw new MomentInFuture('from');
    return row;
  }
}

/** A time as PostgreSQL reads it; absent: before or after all others. */
function timeOf(ms: number | undefined, sign = ''): string {
  return ms === undefined ? `${sign}infinity` : new Date(ms).toISOString();
}

function columnsOf(keys: readonly string[]): readonly unknown[] {
  const queries = keys.map((key) => key.split(BAR));
  const column = (place: number): string[] => queries.map((query) => query[place] ?? '');
  return [
    keys,
    column(0),
    column(1),
    column(2),
    column(3).map((after) => (after === '' ? null : after)),
    column(4),
    column(5),
  ];
}

/** A time as JSON has it, in SQL: RFC 3339, in milliseconds. */
export function jsonTime(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Of versions and the like. */
export function isBigint(text: string): boolean {
  return /^\d{1,18}$/.test(text);
}
