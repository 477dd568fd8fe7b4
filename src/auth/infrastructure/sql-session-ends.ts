import { Injectable } from '@nestjs/common';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { SessionEnding, SessionEnds, type SessionEndsPage } from '../application/ports.js';
import type { Session, SessionEnd } from '../domain/session.js';

/** Rows of a page. */
const PAGE_ROWS = 5_000;

/** Rows that nobody needs any more are removed beside new ones: so many for each of those. */
const SWEPT_FOR_EACH = 2;

interface EndRow {
  readonly position: string;
  readonly user_id: string;
  readonly generation: number | null;
  readonly token: string | null;
  /** In microseconds since 1970. */
  readonly at: string;
  /** False: it is there for the mark alone. */
  readonly is_needed: boolean;
}

/** A row by its position and time. */
const MARK = /^(\d{1,18})@(\d{1,18})$/;

const markOf = ({ position, at }: EndRow): string => `${position}@${at}`;

/**
 * A trigger has those who insert into `session_ends` wait for each other until the commit, so
 * whoever sees a position sees all below it.
 *
 * A mark names the last row that was seen, with its time. Where that row is gone, or another one
 * has its position, the database is not as it was: restored, or a standby that lacked the last
 * commits. Then one begins anew. The newest row makes a mark also where nobody needs it any more:
 * without one everything would be read again.
 */
@Injectable()
export class SqlSessionEnds extends SessionEnds {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async after(mark: string | undefined, maxAgeS: number): Promise<SessionEndsPage | undefined> {
    const [, seen = '0'] = MARK.exec(mark ?? '') ?? [];
    if (mark !== undefined && seen === '0') return undefined;
    const { rows } = await this.database.query<EndRow>(
      `SELECT * FROM (
         SELECT position, user_id, generation, encode(token, 'base64') AS token,
           (extract(epoch FROM at) * 1000000)::bigint AS at,
           CASE WHEN token IS NULL THEN at > clock_timestamp() - $2 * interval '1 second'
             ELSE until > clock_timestamp() - interval '1 hour' END AS is_needed
         FROM gophermart.session_ends WHERE position >= $1::bigint
       ) e
       WHERE is_needed
         OR position IN ($1::bigint, (SELECT max(position) FROM gophermart.session_ends))
       ORDER BY position LIMIT ${PAGE_ROWS + 1}`,
      [seen, maxAgeS],
    );
    const [first] = rows;
    if (mark !== undefined && (!first || markOf(first) !== mark)) return undefined;
    const last = rows.at(-1);
    return {
      ends: rows.filter(({ is_needed }) => is_needed).map(endOf),
      mark: last && markOf(last),
      isLast: rows.length <= PAGE_ROWS,
    };
  }
}

function endOf({ user_id: userId, generation, token }: EndRow): SessionEnd {
  return token === null ? { userId, generation: generation ?? 0 } : { userId, tokenHash: token };
}

@Injectable()
export class SqlSessionEnding extends SessionEnding {
  end(transaction: Transaction, sessions: readonly Session[]): Deferred<ReadonlySet<string>> {
    const pg = pgOf(transaction);
    pg.sendWithNext(
      `DELETE FROM gophermart.session_ends WHERE position = ANY (ARRAY(
         SELECT position FROM gophermart.session_ends
         WHERE until < (SELECT clock_timestamp()) - interval '2 hours'
         ORDER BY until LIMIT $1 FOR UPDATE SKIP LOCKED
       ))`,
      [SWEPT_FOR_EACH * sessions.length],
    );
    return pg
      .sendWithNext<{ readonly id: string }>(
        `WITH ended AS MATERIALIZED (
           SELECT e.*, u.id FROM UNNEST($1::uuid[], $2::text[], $3::float8[])
             AS e (user_id, token, expires_at)
           JOIN gophermart.users u ON u.id = e.user_id
           WHERE u.forgotten_at IS NULL
         ),
         added AS (
           INSERT INTO gophermart.session_ends (user_id, token, until)
           SELECT user_id, decode(token, 'base64'), to_timestamp(expires_at) FROM ended
           ORDER BY token
           ON CONFLICT DO NOTHING
         )
         SELECT id FROM ended`,
        [
          sessions.map(({ userId }) => userId),
          sessions.map(({ tokenHash }) => tokenHash),
          sessions.map(({ expiresAt }) => expiresAt),
        ],
      )
      .thenApply(({ rows }) => new Set(rows.map(({ id }) => id)));
  }
}
