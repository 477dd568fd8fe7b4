import { Injectable } from '@nestjs/common';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import {
  type Lease,
  LeaseLost,
  type Progress,
  SubscriptionLeases,
  type TakenLease,
} from '../application/ports.js';
import { LEASE_MS } from '../application/held-lease.js';
import { Cursor, type CursorSnapshot } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { EVENT_COLUMNS, eventOf, type EventRow } from './sql-journal-reader.js';

const LEASED = `leased_until = clock_timestamp() + interval '${LEASE_MS} milliseconds'`;

const ACQUIRE = `
  UPDATE gophermart.subscriptions SET fence = fence + 1, ${LEASED}
  WHERE name = $1 AND (leased_until IS NULL OR leased_until < clock_timestamp())
  RETURNING fence, cursor`;

/** Not one that was given back while the statement was on its way. */
const HELD = 'name = $1 AND fence = $2 AND leased_until IS NOT NULL';

const RENEW = `UPDATE gophermart.subscriptions SET ${LEASED} WHERE ${HELD}`;

const SAVE = `UPDATE gophermart.subscriptions SET ${LEASED}, cursor = $3 WHERE ${HELD}`;

const RELEASE = `
  UPDATE gophermart.subscriptions SET leased_until = NULL WHERE name = $1 AND fence = $2`;

const UNPARK = `
  DELETE FROM gophermart.parked_events
  WHERE subscription = $1 AND position BETWEEN $2 AND $3 AND position = ANY($4::bigint[])`;

const PARK = `
  INSERT INTO gophermart.parked_events (subscription, position, reason)
  SELECT $1, position, left(reason, 500)
  FROM UNNEST($2::bigint[], $3::text[]) AS p (position, reason)`;

const TO_RETRY = `
  SELECT ${EVENT_COLUMNS} FROM gophermart.parked_events p JOIN gophermart.events e USING (position)
  WHERE p.subscription = $1 AND p.retry ORDER BY position LIMIT $2`;

@Injectable()
export class SqlSubscriptionLeases extends SubscriptionLeases {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async acquire(subscription: string): Promise<TakenLease | undefined> {
    const { rows } = await this.database.query<{ fence: string; cursor: CursorSnapshot }>(ACQUIRE, [
      subscription,
    ]);
    const [row] = rows;
    return row && { lease: { subscription, fence: row.fence }, cursor: Cursor.restore(row.cursor) };
  }

  async renew({ subscription, fence }: Lease): Promise<void> {
    const { rowCount } = await this.database.query(RENEW, [subscription, fence]);
    if (rowCount === 0) throw lost();
  }

  /** The row is locked first: a new holder waits, or has made this update find nothing. */
  async save({ subscription, fence }: Lease, { cursor, tried, parked }: Progress): Promise<void> {
    await this.database.run(async (transaction) => {
      const database = pgOf(transaction);
      const { rowCount } = await database.query(SAVE, [subscription, fence, cursor.toSnapshot()]);
      if (rowCount === 0) throw lost();
      const [first, last] = [tried[0], tried.at(-1)].map(String);
      database.sendWithNext(UNPARK, [subscription, first, last, tried.map(String)]);
      if (parked.length > 0)
        database.sendWithNext(PARK, [
          subscription,
          parked.map(({ position }) => String(position)),
          parked.map(({ reason }) => reason),
        ]);
    });
  }

  async release({ subscription, fence }: Lease): Promise<void> {
    await this.database.query(RELEASE, [subscription, fence]);
  }

  async toRetry(subscription: string, limit: number): Promise<readonly JournalEvent[]> {
    return (await this.database.query<EventRow>(TO_RETRY, [subscription, limit])).rows.map(eventOf);
  }
}

function lost(): LeaseLost {
  return new LeaseLost('another process has the lease');
}
