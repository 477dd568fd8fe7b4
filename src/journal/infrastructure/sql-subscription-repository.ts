import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { SubscriptionRepository } from '../application/ports.js';
import { Cursor, type CursorSnapshot } from '../domain/cursor.js';

const CREATE = `
  INSERT INTO gophermart.subscriptions (name, cursor) VALUES ($1, $2) ON CONFLICT DO NOTHING`;

const EXISTS = 'SELECT FROM gophermart.subscriptions WHERE name = $1';

const LOCK = `
  SELECT cursor FROM gophermart.subscriptions WHERE name = $1 FOR UPDATE`;

const RESTART = `
  UPDATE gophermart.subscriptions SET cursor = $2, fence = fence + 1, leased_until = NULL
  WHERE name = $1`;

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

  async exists(name: string): Promise<boolean> {
    const { rows } = await this.database.query(EXISTS, [name]);
    return rows.length > 0;
  }

  async lock(transaction: Transaction, name: string): Promise<Cursor | undefined> {
    const { rows } = await pgOf(transaction).query<{ cursor: CursorSnapshot }>(LOCK, [name]);
    return rows[0] && Cursor.restore(rows[0].cursor);
  }

  restart(transaction: Transaction, name: string, cursor: Cursor): void {
    pgOf(transaction).sendWithNext(RESTART, [name, cursor.toSnapshot()]);
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
