import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import {
  type ParkedOrder,
  type ParkedSelection,
  ParkedTasks,
  type PutBack,
} from '../application/ports.js';
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
    SELECT q.order_id, o.num, o.user_id
    FROM gophermart.queue q JOIN gophermart.orders o ON o.id = q.order_id
    WHERE q.status = 'FAILED' AND o.num = ANY($1::text[]) ORDER BY q.order_id FOR UPDATE OF q
  ) ${PUT_BACK} RETURNING c.num AS number, c.user_id AS "userId"`;

/** Below all ids. */
const FIRST = '00000000-0000-0000-0000-000000000000';

const NEXT = `
  WITH chosen AS MATERIALIZED (
    SELECT order_id FROM gophermart.queue
    WHERE status = 'FAILED' AND order_id > $1
      AND ($2::text IS NULL OR strpos(lower(reason), lower($2)) > 0)
    ORDER BY order_id LIMIT $3 FOR UPDATE
  ),
  put_back AS (${PUT_BACK} RETURNING q.order_id)
  SELECT o.id, o.num AS number, o.user_id AS "userId"
  FROM put_back p JOIN gophermart.orders o ON o.id = p.order_id ORDER BY o.id`;

@Injectable()
export class SqlParkedTasks extends ParkedTasks {
  async putBack(
    transaction: Transaction,
    numbers: readonly string[],
  ): Promise<readonly ParkedOrder[]> {
    return (await pgOf(transaction).query<ParkedOrder>(BY_NUMBER, [numbers])).rows;
  }

  async putBackNext(
    transaction: Transaction,
    { after, reason, limit }: ParkedSelection,
  ): Promise<PutBack> {
    const { rows } = await pgOf(transaction).query<ParkedOrder & { readonly id: string }>(NEXT, [
      after ?? FIRST,
      reason ?? null,
      limit,
    ]);
    return { orders: rows, last: rows.length < limit ? undefined : rows.at(-1)?.id };
  }
}
