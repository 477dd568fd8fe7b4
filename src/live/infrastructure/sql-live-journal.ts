import { Injectable, Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import {
  IN_RANGE,
  JournalReader,
  type Mark,
  type Range,
  rangeParameters,
} from '../../journal/index.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { jsonTime } from '../../platform/postgres/reads/batched-list.js';
import { LiveJournal, type LivePage } from '../application/ports.js';
import { type LiveEvent, liveEventOf, SHOWN_TYPES } from '../domain/live-event.js';

/** As the index `events_of_user` has them: the planner must see that it holds all of these. */
const TYPES = `(${SHOWN_TYPES.map((type) => `'${type}'`).join(', ')})`;

/** The number is found without parsing: a row by hand may hold anything. */
const COLUMNS = `
  e.position, e.subject, e.type, e.data, ${jsonTime('e.at')} AS at,
  CASE e.type WHEN 'order_updated' THEN (
    SELECT ${jsonTime('o.uploaded_at')}
    FROM gophermart.orders o WHERE o.num = substring(e.data from '"order":"([0-9]+)"')
  ) END AS uploaded_at`;

const SHOWN = `e.type IN ${TYPES} AND ${IN_RANGE}`;

/** All positions are looked at. IS TRUE keeps the users a hash table, however many they seem. */
export const BY_POSITION = `
  SELECT ${COLUMNS} FROM gophermart.events e
  WHERE ${SHOWN} AND (e.subject IN (SELECT unnest($7::uuid[]))) IS TRUE
  ORDER BY e.position LIMIT $8`;

/** Only the events of these users are looked at. */
export const BY_USER = `
  SELECT found.* FROM unnest($7::uuid[]) AS u (id)
  CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM gophermart.events e
    WHERE ${SHOWN} AND e.subject = u.id
    ORDER BY e.position LIMIT $8
  ) AS found
  ORDER BY found.position LIMIT $8`;

/** So many positions are looked at as quickly as one user is found. */
const POSITIONS_A_USER = 20n;

/** Fewer positions are looked at quickly in any case, and no more than these by one statement. */
const FEW_POSITIONS = 500n;
const MOST_POSITIONS = 50_000n;

/** Users by one statement, at most. */
const MOST_USERS = 200;

/** Readers who catch up may come by the thousand, and others need connections, too. */
const CATCHING_UP_AT_ONCE = 2;

interface Row {
  readonly position: string;
  readonly subject: string;
  readonly type: string;
  readonly data: string;
  readonly at: string | null;
  readonly uploaded_at: string | null;
}

@Injectable()
export class SqlLiveJournal extends LiveJournal {
  readonly #logger = new Logger(SqlLiveJournal.name);
  readonly #catchingUp = pLimit(CATCHING_UP_AT_ONCE);

  constructor(
    private readonly database: PgUnitOfWork,
    private readonly reader: JournalReader,
  ) {
    super();
  }

  mark(): Promise<Mark> {
    return this.reader.mark();
  }

  async read(range: Range, users: readonly string[], limit: number): Promise<LivePage> {
    const rows =
      range.to - range.after <= positionsFor(users.length)
        ? await this.#rows(BY_POSITION, range, users, limit)
        : await this.#rowsOf(range, users, limit);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      events: rows.flatMap((row) => this.#eventOf(row)),
      to: last ? BigInt(last.position) : range.to,
    };
  }

  onCommit(listener: () => void): void {
    this.database.onCommit(listener);
  }

  async #rowsOf(range: Range, users: readonly string[], limit: number): Promise<readonly Row[]> {
    if (users.length === 1) return this.#catchingUp(() => this.#rows(BY_USER, range, users, limit));
    let first: readonly Row[] = [];
    for (let i = 0; i < users.length; i += MOST_USERS) {
      const some = await this.#rows(BY_USER, range, users.slice(i, i + MOST_USERS), limit);
      first = [...first, ...some]
        .sort((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1))
        .slice(0, limit);
    }
    return first;
  }

  async #rows(
    statement: string,
    range: Range,
    users: readonly string[],
    limit: number,
  ): Promise<readonly Row[]> {
    const { rows } = await this.database.query<Row>(statement, [
      ...rangeParameters(range),
      users,
      limit,
    ]);
    return rows;
  }

  #eventOf({ position, subject, type, data, at, uploaded_at }: Row): LiveEvent[] {
    const event = liveEventOf({
      position: BigInt(position),
      userId: subject,
      type,
      data,
      at: at ?? undefined,
      uploadedAt: uploaded_at ?? undefined,
    });
    if (!event) this.#logger.warn(`event ${position} cannot be shown: somebody has written it`);
    return event ? [event] : [];
  }
}

/** Up to how many positions in a range it is quicker to look at all of them. */
function positionsFor(users: number): bigint {
  const positions = BigInt(users) * POSITIONS_A_USER;
  if (positions < FEW_POSITIONS) return FEW_POSITIONS;
  return positions < MOST_POSITIONS ? positions : MOST_POSITIONS;
}
