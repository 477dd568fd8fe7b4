import { Injectable, Logger } from '@nestjs/common';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { JournalReader } from '../application/ports.js';
import type { Range } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { Mark } from '../domain/mark.js';

/** An event as {@link EVENT_COLUMNS} selects it. */
export interface EventRow {
  readonly position: string;
  readonly type: string;
  readonly subject: string | null;
  readonly revision: string | null;
  readonly at: Date | number | null;
  readonly trace: string | null;
  readonly data: string;
}

export const EVENT_COLUMNS = 'e.position, e.type, e.subject, e.revision, e.at, e.trace, e.data';

export function eventOf(row: EventRow): JournalEvent {
  const { position, type, subject, revision, at, trace, data } = row;
  return {
    position: BigInt(position),
    type,
    data,
    ...(subject !== null && { subject }),
    ...(revision !== null && { revision: Number(revision) }),
    // A row by hand may say `infinity`, or a year that no date has here.
    ...(at instanceof Date && !Number.isNaN(at.getTime()) && { at: at.toISOString() }),
    ...(trace !== null && { traceparent: trace }),
  };
}

interface MarkRow {
  readonly snapshot: string;
  readonly given: number;
  readonly top: string;
  readonly restored: string;
  readonly is_restored: boolean;
}

/**
 * One statement, so that all of it is seen by the snapshot that it returns; `age` counts up to the
 * next id that is given out, a moment later. Newest events with ids that this server has not given
 * out yet came with a dump.
 */
const MARK = `
  SELECT s.snapshot::text, age(pg_snapshot_xmax(s.snapshot)::xid) AS given, n.top, r.restored,
    n.is_restored
  FROM (SELECT pg_current_snapshot() AS snapshot) AS s
  CROSS JOIN (
    SELECT coalesce(max(position), 0) AS restored FROM gophermart.journal_restores
  ) AS r
  CROSS JOIN LATERAL (
    SELECT coalesce(max(position), 0) AS top,
      coalesce(
        bool_or(position > r.restored AND xid >= pg_snapshot_xmax(s.snapshot)), false
      ) AS is_restored
    FROM (
      SELECT position, xid FROM gophermart.events ORDER BY position DESC LIMIT 100
    ) AS newest
  ) AS n`;

const NOTE_RESTORE = `
  INSERT INTO gophermart.journal_restores (position) VALUES ($1) ON CONFLICT DO NOTHING`;

/**
 * Whether the event `e` is in a range, by the rule of ADR 0037. {@link rangeParameters} has $1 to
 * $6. $1 and $2: the positions to search, which bound the scan of the key. $3 and $4: seen by the
 * later mark, as are all up to $3, which came with a dump. $5 and $6: new since the earlier mark,
 * above its top or by a transaction that has ended since.
 */
export const IN_RANGE = `
  e.position > $1 AND e.position <= $2
  AND (e.position <= $3 OR pg_visible_in_snapshot(e.xid, $4::pg_snapshot))
  AND (e.position > $5 OR e.xid = ANY($6::xid8[]))`;

export function rangeParameters({ after, to, until, seenTop, ended }: Range): readonly unknown[] {
  return [
    String(after),
    String(to),
    String(until.restored),
    until.snapshot,
    String(seenTop),
    ended.map(String),
  ];
}

export const READ = `
  SELECT ${EVENT_COLUMNS} FROM gophermart.events e
  WHERE ${IN_RANGE}
  ORDER BY e.position LIMIT $7`;

@Injectable()
export class SqlJournalReader extends JournalReader {
  readonly #logger = new Logger(SqlJournalReader.name);

  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async mark(): Promise<Mark> {
    const { rows } = await this.database.query<MarkRow>(MARK);
    const [row] = rows;
    if (!row) throw new Error('the statement of a mark has no row');
    const top = BigInt(row.top);
    if (!row.is_restored)
      return Mark.ofStatement(row.snapshot, row.given, top, BigInt(row.restored));
    await this.database.query(NOTE_RESTORE, [row.top]);
    this.#logger.warn(
      `the journal up to event ${row.top} comes from another server: the ids of its transactions ` +
        'count no more',
    );
    return Mark.ofStatement(row.snapshot, row.given, top, top);
  }

  async read(range: Range, limit: number): Promise<readonly JournalEvent[]> {
    const { rows } = await this.database.query<EventRow>(READ, [...rangeParameters(range), limit]);
    return rows.map(eventOf);
  }
}
