import { Injectable } from '@nestjs/common';
import { EventsParkedElsewhere, type ParkedLine } from '../../journal/index.js';
import { ReadModelDatabase } from './read-model-database.js';

const LIST = `
  SELECT 'query' AS subscription, coalesce(position::text, '-') AS position, type, reason,
    extract(epoch FROM clock_timestamp() - parked_at)::float8 * 1000 AS "parkedMs",
    retry AS "isPutBack"
  FROM gophermart_query.parked_events p
  ORDER BY p.position, id LIMIT $1`;

const PUT_BACK = `
  UPDATE gophermart_query.parked_events SET retry = true
  WHERE NOT retry AND ($1::bigint[] IS NULL OR position = ANY($1))
  RETURNING coalesce(position::text, '-') AS position`;

@Injectable()
export class SqlEventsParkedByReadModel extends EventsParkedElsewhere {
  constructor(private readonly database: ReadModelDatabase) {
    super();
  }

  async list(limit: number): Promise<readonly ParkedLine[]> {
    return (await this.database.query<ParkedLine>(LIST, [limit])).rows;
  }

  async putBack(positions: readonly string[] | undefined): Promise<readonly string[]> {
    const { rows } = await this.database.query<{ position: string }>(PUT_BACK, [positions ?? null]);
    return rows.map(({ position }) => position);
  }
}
