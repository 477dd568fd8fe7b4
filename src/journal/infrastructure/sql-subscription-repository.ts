import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { SubscriptionRepository } from '../application/ports.js';
import { Cursor, type CursorSnapshot } from '../domain/cursor.js';

const CREATE = `
  INSERT INTO gophermart.subscriptions (name, cursor) VALUES ($1, $2) ON CONFLICT DO NOTHING`;

const FIND = `
  SELECT stopped_at IS NOT NULL AS is_stopped, coalesce(stopped_reason, '') AS reason
  FROM gophermart.subscriptions WHERE name = $1`;

const LOCK = `
  SELECT cursor FROM gophermart.subscriptions WHERE name = $1 FOR UPDATE`;

const RESTART = `
  UPDATE gophermart.subscriptions SET cursor = $2, fence = fence + 1, leased_until = NULL
  WHERE name = $1`;

/** Events that come again by the cursor do not wait beside it. */
const FORGET_WAITING = `
  DELETE FROM gophermart.waiting_events WHERE subscription = $1 AND position >= $2`;

const RESUME = `
  UPDATE gophermart.subscriptions s SET stopped_at = NULL, stopped_reason = NULL
  FROM (
    SELECT name, stopped_at FROM gophermart.subscriptions
    WHERE name = $1 AND stopped_at IS NOT NULL FOR UPDATE
  ) AS before
  WHERE s.name = before.name
  RETURNING greatest(
    0, extract(epoch FROM clock_timestamp() - before.stopped_at) * 1000
  )::double precision AS ms`;

const PUT_BACK = `
  UPDATE gophermart.parked_events SET retry = true
  WHERE NOT retry AND ($1::bigint[] IS NULL OR position = ANY($1)) RETURNING position`;

@Injectable()
export class SqlSubscriptionRepository extends SubscriptionRepository {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async create(name: string, cursor: Cursor): Promise<void> {
    await this.database.query(CREATE, [name, cursor.toSnapshot()]);
  }

  async find(name: string): Promise<{ readonly stopped?: string } | undefined> {
    const { rows } = await this.database.query<{ is_stopped: boolean; reason: string }>(FIND, [
      name,
    ]);
    return rows[0] && (rows[0].is_stopped ? { stopped: rows[0].reason } : {});
  }

  async lock(transaction: Transaction, name: string): Promise<Cursor | undefined> {
    const { rows } = await pgOf(transaction).query<{ cursor: CursorSnapshot }>(LOCK, [name]);
    return rows[0] && Cursor.restore(rows[0].cursor);
  }

  restart(transaction: Transaction, name: string, cursor: Cursor): void {
    pgOf(transaction).sendWithNext(RESTART, [name, cursor.toSnapshot()]);
    pgOf(transaction).sendWithNext(FORGET_WAITING, [name, String(cursor.nextPosition)]);
  }

  async resume(transaction: Transaction, name: string): Promise<number | undefined> {
    const { rows } = await pgOf(transaction).query<{ ms: number }>(RESUME, [name]);
    return rows[0]?.ms;
  }

  async putBack(
    transaction: Transaction,
    positions: readonly string[] | undefined,
  ): Promise<readonly string[]> {
    const { rows } = await pgOf(transaction).query<{ position: string }>(PUT_BACK, [
      positions ?? null,
    ]);
    return rows.map(({ position }) => position);
  }
}
