import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { type ParkedSelection, ParkedTasks, type PutBack } from '../application/ports.js';
import { STANDING } from './sql-queue-repository.js';

/**
 * The attempt stays: it is the fence, and the late resolution of an old one must still be refused.
 * The task is no longer a suspect, for the operator has dealt with the reason: it must not wait
 * behind a thousand numbers that nobody knows.
 */
const PUT_BACK = `
  UPDATE gophermart.queue q
  SET status = 'PENDING', tries = 0, standing = '${STANDING.RETRIED}', reason = NULL,
      next_attempt_at = clock_timestamp(), status_changed_at = clock_timestamp()
  FROM chosen c WHERE q.order_id = c.order_id`;

/** Rows are locked in the order of their ids, as everywhere: others' locks cannot cross ours. */
const BY_NUMBER = `
  WITH chosen AS MATERIALIZED (
    SELECT q.order_id, o.num FROM gophermart.queue q JOIN gophermart.orders o ON o.id = q.order_id
    WHERE q.status = 'FAILED' AND o.num = ANY($1::text[]) ORDER BY q.order_id FOR UPDATE OF q
  ) ${PUT_BACK} RETURNING c.num`;

const NEXT = `
  WITH chosen AS MATERIALIZED (
    SELECT order_id FROM gophermart.queue
    WHERE status = 'FAILED' AND ($1::uuid IS NULL OR order_id > $1)
      AND ($2::text IS NULL OR strpos(lower(reason), lower($2)) > 0)
    ORDER BY order_id LIMIT $3 FOR UPDATE
  ) ${PUT_BACK} RETURNING q.order_id`;

@Injectable()
export class SqlParkedTasks extends ParkedTasks {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async putBack(transaction: Transaction, numbers: readonly string[]): Promise<string[]> {
    const { rows } = await pgOf(transaction).query<{ num: string }>(BY_NUMBER, [numbers]);
    return rows.map(({ num }) => num);
  }

  async putBackNext({ after, reason, limit }: ParkedSelection): Promise<PutBack> {
    const { rows } = await this.database.query<{ order_id: string }>(NEXT, [
      after ?? null,
      reason ?? null,
      limit,
    ]);
    const ids = rows.map(({ order_id }) => order_id).sort();
    return { count: ids.length, last: ids.length < limit ? undefined : ids.at(-1) };
  }
}
