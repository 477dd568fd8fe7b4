import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import type { JsonPage, JsonText, ListQuery } from '../../kernel/application/json-lists.js';
import {
  BatchedList,
  jsonTime,
  type ListSource,
} from '../../platform/postgres/reads/batched-list.js';
import { BatchedRead, userAndRest } from '../../platform/postgres/reads/batched-read.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { type OrderDetail, type OrderLine, OrderQueries } from '../application/ports.js';
import { OrderNotFound, type OrderStatus } from '../domain/order.js';
import { isMarked, MARK, PLACE, wasSeen } from '../../platform/postgres/reads/list-mark.js';

const NEWEST_FIRST = 'ORDER BY uploaded_at DESC, id DESC';

/**
 * The place in the list behind which the query goes on, and the mark of a list of statuses. OFFSET
 * 0 makes PostgreSQL find the order by its id. Otherwise it may read all orders of the user, of
 * whom it expects a few.
 */
const bounds = (mark = ''): string => `
  SELECT behind.*${mark && ', mark.*'}
  FROM (
    SELECT uploaded_at AS last_at, id AS last_id
    FROM (SELECT * FROM gophermart.orders WHERE id = ${PLACE}::uuid OFFSET 0) o
    WHERE user_id = r.user_id
    UNION ALL
    SELECT r.to_at, '00000000-0000-0000-0000-000000000000' WHERE r.after IS NULL
  ) behind${mark && `, ${mark} mark`}`;

const WITHIN = `user_id = r.user_id AND uploaded_at >= r.from_at
  AND (uploaded_at, id) < (b.last_at, b.last_id)`;

/** The same, by the order of the index that has the statuses. */
const BY_STATUS = `uploaded_at AT TIME ZONE 'UTC' DESC, id DESC`;
const WITHIN_STATUS = `user_id = r.user_id
  AND uploaded_at AT TIME ZONE 'UTC' >= r.from_at AT TIME ZONE 'UTC'
  AND (uploaded_at AT TIME ZONE 'UTC', id) < (b.last_at AT TIME ZONE 'UTC', b.last_id)`;

/**
 * An order whose status was another one when the first page was read, as it was then. Of a range
 * with two ends PostgreSQL expects few rows, and so reads the index of changes.
 */
const AS_IT_WAS = `
  SELECT uploaded_at, id, gophermart.order_as_json(num, was, NULL, uploaded_at) AS as_json
  FROM (
    SELECT *, (
      CASE WHEN status <> 'PROCESSING' AND processing_at <= b.marked_at THEN 'PROCESSING'
        ELSE 'NEW' END
    )::gophermart.order_status AS was
    FROM (
      SELECT *, xmin FROM gophermart.orders
      WHERE r.kinds && '{NEW,PROCESSING}' AND user_id = r.user_id
        AND coalesce(finished_at, processing_at) > b.changed_after
        AND coalesce(finished_at, processing_at) < 'infinity' OFFSET 0
    ) o
    WHERE ${WITHIN} AND status::text <> ALL(r.kinds) AND NOT ${wasSeen('o')}
  ) changed
  WHERE was::text = ANY(r.kinds)`;

/**
 * PostgreSQL wrote the lines when the orders last changed (ADR 0023), so a list of 20 orders costs
 * the service one string and not 80 values.
 */
const ORDERS: ListSource = {
  users: { table: 'gophermart.users', id: 'id' },
  newest: (user) => `
    SELECT id AS position, as_json FROM gophermart.orders
    WHERE user_id = ${user} ${NEWEST_FIRST}`,
  chosen: {
    bounds: bounds(),
    rows: `
      SELECT id::text AS position, as_json FROM gophermart.orders
      WHERE ${WITHIN} ${NEWEST_FIRST} LIMIT r.lines`,
    isPosition: isUuid,
  },
  ofKinds: {
    bounds: bounds(MARK),
    rows: `
      SELECT id || b.mark AS position, as_json
      FROM (
        SELECT o.*
        FROM UNNEST(r.kinds::gophermart.order_status[]) kind CROSS JOIN LATERAL (
          SELECT uploaded_at, id, as_json FROM gophermart.orders
          WHERE status = kind AND ${WITHIN_STATUS} ORDER BY ${BY_STATUS} LIMIT r.lines
        ) o
        UNION ALL ${AS_IT_WAS}
      ) o
      ${NEWEST_FIRST} LIMIT r.lines`,
    isPosition: (text) => isMarked(text, isUuid),
  },
  line: 'as_json',
  bytes: 'octet_length(as_json)',
};

const step = (status: string, at: string): string =>
  `coalesce(',{"status":"' || ${status} || '","at":"' || ${jsonTime(at)} || '"}', '')`;

/** The line of the list with one member more. */
const DETAILS = `
  SELECT r.key, left(as_json, -1) || ',"history":[' || substr(
      ${step(`'NEW'`, 'uploaded_at')} || ${step(`'PROCESSING'`, 'processing_at')}
        || ${step('status', 'finished_at')}, 2
    ) || ']}' AS detail
  FROM UNNEST($1::text[], $2::uuid[], $3::text[]) AS r (key, user_id, num)
  JOIN gophermart.users u ON u.id = r.user_id
  LEFT JOIN gophermart.orders o ON o.num = r.num AND o.user_id = r.user_id`;

/** What a user is shown of orders, in SQL: of the books, or of a read model. */
export interface OrderSql {
  readonly orders: ListSource;
  /** Rows of `key` and `detail`, by keys, users and numbers; NULL where there is no such order. */
  readonly details: string;
}

export class OrderQueriesInSql extends OrderQueries {
  readonly #orders: BatchedList<OrderLine, OrderStatus>;
  readonly #details: BatchedRead<{ readonly detail: JsonText<OrderDetail> | null }>;

  constructor(database: PgUnitOfWork, { orders, details }: OrderSql) {
    super();
    this.#orders = new BatchedList(database, orders);
    this.#details = new BatchedRead(database, details, undefined, userAndRest);
  }

  page(userId: string, query: ListQuery<OrderStatus>): Promise<JsonPage<OrderLine>> {
    return this.#orders.page(userId, query);
  }

  protected async find(userId: string, number: string): Promise<JsonText<OrderDetail>> {
    const { detail } = await this.#details.get(`${userId} ${number}`);
    if (detail === null) throw new OrderNotFound();
    return detail;
  }
}

@Injectable()
export class SqlOrderQueries extends OrderQueriesInSql {
  constructor(database: PgUnitOfWork) {
    super(database, { orders: ORDERS, details: DETAILS });
  }
}
