import { Injectable } from '@nestjs/common';
import { connect } from '../../platform/postgres/connect.js';
import { PostgresSettings } from '../../platform/postgres/postgres.settings.js';
import { type EventCount, JournalOverview, type JournalStatistics } from '../application/ports.js';

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
    (extract(epoch FROM clock_timestamp() - e.at) * 1000)::double precision AS last_ms
  FROM (SELECT pg_total_relation_size('gophermart.events')::double precision AS bytes) AS j
  LEFT JOIN (
    SELECT position, at FROM gophermart.events ORDER BY position DESC LIMIT 1
  ) AS e ON true`;

/** On a connection of its own: ten million events take longer to count than others may wait. */
@Injectable()
export class SqlJournalOverview extends JournalOverview {
  constructor(private readonly settings: PostgresSettings) {
    super();
  }

  async statistics(): Promise<JournalStatistics> {
    const client = await connect(this.settings.uri);
    try {
      await client.query('BEGIN READ ONLY; SET LOCAL statement_timeout = 0');
      const types = await client.query<EventCount>(TYPES);
      const { rows } = await client.query<LastRow>(LAST);
      const [row] = rows;
      return {
        types: types.rows,
        last: row?.last ?? undefined,
        lastMs: row?.last_ms ?? undefined,
        bytes: row?.bytes ?? 0,
      };
    } finally {
      await client.end();
    }
  }
}
