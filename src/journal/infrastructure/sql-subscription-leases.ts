import { Injectable } from '@nestjs/common';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import {
  type Lease,
  LeaseLost,
  type Progress,
  SubscriptionLeases,
  type TakenLease,
  type WaitingEvent,
} from '../application/ports.js';
import { LEASE_MS } from '../application/held-lease.js';
import { Cursor, type CursorSnapshot } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { EVENT_COLUMNS, eventOf, type EventRow } from './sql-journal-reader.js';

const LEASED = `leased_until = clock_timestamp() + interval '${LEASE_MS} milliseconds'`;

/** One that lasts for longer than any can shows that the clock was set back: it is over. */
const ACQUIRE = `
  UPDATE gophermart.subscriptions SET fence = fence + 1, ${LEASED}
  WHERE name = $1 AND stopped_at IS NULL
    AND (leased_until IS NULL OR leased_until < clock_timestamp()
      OR leased_until > clock_timestamp() + interval '${LEASE_MS} milliseconds')
  RETURNING fence, cursor`;

/** Not one that was given back while the statement was on its way. */
const HELD = 'name = $1 AND fence = $2 AND leased_until IS NOT NULL';

const RENEW = `UPDATE gophermart.subscriptions SET ${LEASED} WHERE ${HELD}`;

const SAVE = `UPDATE gophermart.subscriptions SET ${LEASED}, cursor = $3 WHERE ${HELD}`;

const STOP = `
  UPDATE gophermart.subscriptions
  SET stopped_at = clock_timestamp(), stopped_reason = left($2, 500), leased_until = NULL
  WHERE name = $1`;

const RELEASE = `
  UPDATE gophermart.subscriptions SET leased_until = NULL WHERE name = $1 AND fence = $2`;

const UNPARK = `
  DELETE FROM gophermart.parked_events
  WHERE subscription = $1 AND position BETWEEN $2 AND $3 AND position = ANY($4::bigint[])`;

const PARK = `
  INSERT INTO gophermart.parked_events (subscription, position, reason)
  SELECT $1, position, left(reason, 500)
  FROM UNNEST($2::bigint[], $3::text[]) AS p (position, reason)
  ON CONFLICT DO NOTHING`;

/** What a failover has lost since it was read would wait for ever. */
const WAIT = `
  INSERT INTO gophermart.waiting_events (subscription, lane, position)
  SELECT $1, lane, position FROM UNNEST($2::smallint[], $3::bigint[]) AS w (lane, position)
  WHERE EXISTS (SELECT FROM gophermart.events e WHERE e.position = w.position)
  ON CONFLICT DO NOTHING`;

const SETTLE = `
  DELETE FROM gophermart.waiting_events w
  USING UNNEST($2::smallint[], $3::bigint[]) AS s (lane, position)
  WHERE w.subscription = $1 AND w.lane = s.lane AND w.position = s.position`;

/** The limit counts events, so that fewer of them mean that there are no more. */
const WAITING = `
  SELECT w.*
  FROM UNNEST($2::smallint[]) AS l (lane)
  CROSS JOIN LATERAL (
    SELECT w.lane, ${EVENT_COLUMNS}
    FROM gophermart.waiting_events w JOIN gophermart.events e USING (position)
    WHERE w.subscription = $1 AND w.lane = l.lane ORDER BY w.position LIMIT $3
  ) AS w
  ORDER BY position`;

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
  async save(
    { subscription, fence }: Lease,
    { cursor, tried, parked, waiting, settled, stopped }: Progress,
  ): Promise<void> {
    await this.database.run(async (transaction) => {
      const database = pgOf(transaction);
      const { rowCount } = await database.query(SAVE, [subscription, fence, cursor.toSnapshot()]);
      if (rowCount === 0) throw lost();
      if (tried.length > 0) {
        const [first, last] = [tried[0], tried.at(-1)].map(String);
        database.sendWithNext(UNPARK, [subscription, first, last, tried.map(String)]);
      }
      if (waiting.length > 0) database.sendWithNext(WAIT, [subscription, ...columnsOf(waiting)]);
      if (settled.length > 0) database.sendWithNext(SETTLE, [subscription, ...columnsOf(settled)]);
      if (parked.length > 0)
        database.sendWithNext(PARK, [
          subscription,
          parked.map(({ position }) => String(position)),
          parked.map(({ reason }) => reason),
        ]);
      if (stopped !== undefined) database.sendWithNext(STOP, [subscription, stopped]);
    });
  }

  async release({ subscription, fence }: Lease): Promise<void> {
    await this.database.query(RELEASE, [subscription, fence]);
  }

  async toRetry(subscription: string, limit: number): Promise<readonly JournalEvent[]> {
    return (await this.database.query<EventRow>(TO_RETRY, [subscription, limit])).rows.map(eventOf);
  }

  async waiting(
    subscription: string,
    lanes: readonly number[],
    limit: number,
  ): Promise<readonly { readonly lane: number; readonly event: JournalEvent }[]> {
    const { rows } = await this.database.query<EventRow & { readonly lane: number }>(WAITING, [
      subscription,
      lanes,
      limit,
    ]);
    return rows.map((row) => ({ lane: row.lane, event: eventOf(row) }));
  }
}

function columnsOf(events: readonly WaitingEvent[]): [number[], string[]] {
  return [events.map(({ lane }) => lane), events.map(({ position }) => String(position))];
}

function lost(): LeaseLost {
  return new LeaseLost('another process has the lease');
}
