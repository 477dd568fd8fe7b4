import { Injectable } from '@nestjs/common';
import type { Client } from 'pg';
import { connect, TRANSACTION_SETTINGS } from '../../platform/postgres/connect.js';
import { PostgresSettings } from '../../platform/postgres/postgres.settings.js';
import {
  type EventCount,
  JournalOverview,
  type JournalStatistics,
  type ParkedLine,
  type SubscriptionState,
} from '../application/ports.js';

interface LastRow {
  readonly last: string | null;
  readonly last_ms: number | null;
  readonly bytes: number;
}

const TYPES = `
  SELECT type, count(*)::double precision AS events
  FROM gophermart.events GROUP BY type ORDER BY type`;

const LAST = `
  SELECT e.position AS last, j.bytes,
    CASE WHEN isfinite(e.at)
      THEN (extract(epoch FROM clock_timestamp() - e.at) * 1000)::double precision END AS last_ms
  FROM (SELECT pg_total_relation_size('gophermart.events')::double precision AS bytes) AS j
  LEFT JOIN (
    SELECT position, at FROM gophermart.events ORDER BY position DESC LIMIT 1
  ) AS e ON true`;

/** A subscription and what waits for it; see docs/data-model.md for its columns. */
export interface BacklogRow {
  readonly name: string;
  readonly backlog: number;
  readonly lag_ms: number;
  readonly parked: number;
  readonly is_read: boolean;
  readonly stopped_ms: number | null;
  readonly stopped_reason: string | null;
}

/**
 * Positions between its cursor and the newest event, of which some may never have been used, and
 * what waits behind the cursor. Below the mark that it reads on from there are only events of
 * transactions that were open then.
 */
export const BACKLOG = `
  SELECT s.name, coalesce(s.leased_until > clock_timestamp(), false) AS is_read,
    (greatest(0, newest.position - read.position) + waiting.events)::double precision AS backlog,
    coalesce(
      greatest(0, extract(epoch FROM clock_timestamp() - least(oldest.at, waiting.at)) * 1000), 0
    )::double precision AS lag_ms,
    s.stopped_reason,
    (extract(epoch FROM clock_timestamp() - s.stopped_at) * 1000)::double precision AS stopped_ms,
    (
      SELECT count(*) FROM gophermart.parked_events p WHERE p.subscription = s.name
    )::double precision AS parked
  FROM gophermart.subscriptions s
  CROSS JOIN LATERAL (
    SELECT greatest(
      (s.cursor->>'after')::bigint, (s.cursor->'seen'->>'top')::bigint
    ) AS position
  ) AS read
  LEFT JOIN LATERAL (
    SELECT nullif(nullif(at, 'infinity'), '-infinity') AS at FROM gophermart.events
    WHERE position > read.position ORDER BY position LIMIT 1
  ) AS oldest ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(l.events), 0) AS events,
      min(nullif(nullif(e.at, 'infinity'), '-infinity')) AS at
    FROM (
      SELECT count(*) AS events, min(position) AS position
      FROM gophermart.waiting_events w WHERE w.subscription = s.name GROUP BY lane
    ) AS l LEFT JOIN gophermart.events e USING (position)
  ) AS waiting
  CROSS JOIN (
    SELECT coalesce(max(position), 0) AS position FROM gophermart.events
  ) AS newest
  ORDER BY s.name`;

const FIRST_SINCE = `
  SELECT position FROM gophermart.events WHERE at >= $1 ORDER BY position LIMIT 1`;

const PARKED = `
  SELECT p.subscription, p.position, e.type, p.reason, p.retry AS "isPutBack",
    (extract(epoch FROM clock_timestamp() - p.parked_at) * 1000)::double precision AS "parkedMs"
  FROM gophermart.parked_events p JOIN gophermart.events e USING (position)
  ORDER BY position, subscription LIMIT $1`;

/** On a connection of its own: ten million events take longer to count than others may wait. */
@Injectable()
export class SqlJournalOverview extends JournalOverview {
  constructor(private readonly settings: PostgresSettings) {
    super();
  }

  statistics(): Promise<JournalStatistics> {
    return this.#read(async (client) => {
      const types = await client.query<EventCount>(TYPES);
      const { rows } = await client.query<LastRow>(LAST);
      const [row] = rows;
      const subscriptions = await client.query<BacklogRow>(BACKLOG);
      return {
        types: types.rows,
        last: row?.last ?? undefined,
        lastMs: row?.last_ms ?? undefined,
        bytes: row?.bytes ?? 0,
        subscriptions: subscriptions.rows.map(stateOf),
      };
    });
  }

  firstSince(time: Date): Promise<bigint | undefined> {
    return this.#read(async (client) => {
      const { rows } = await client.query<{ position: string }>(FIRST_SINCE, [time]);
      return rows[0] && BigInt(rows[0].position);
    });
  }

  parked(limit: number): Promise<readonly ParkedLine[]> {
    return this.#read(async (client) => (await client.query<ParkedLine>(PARKED, [limit])).rows);
  }

  async #read<T>(read: (client: Client) => Promise<T>): Promise<T> {
    const client = await connect(this.settings.uri);
    try {
      await client.query(
        `BEGIN READ ONLY; ${TRANSACTION_SETTINGS}; SET LOCAL statement_timeout = 0`,
      );
      return await read(client);
    } finally {
      await client.end();
    }
  }
}

function stateOf({ stopped_ms, stopped_reason, ...row }: BacklogRow): SubscriptionState {
  return {
    name: row.name,
    backlog: row.backlog,
    lagMs: row.lag_ms,
    parked: row.parked,
    isRead: row.is_read,
    ...(stopped_ms !== null && { stopped: { reason: stopped_reason ?? '', ms: stopped_ms } }),
  };
}
