import { Injectable } from '@nestjs/common';
import { OrderQueriesInSql } from '../../orders/index.js';
import { jsonTime, type ListSource } from '../../platform/postgres/reads/batched-list.js';
import { isMarked, MARK, PLACE, wasSeen } from '../../platform/postgres/reads/list-mark.js';
import { ReadModelDatabase } from './read-model-database.js';

const NEWEST_FIRST = 'ORDER BY uploaded_at DESC, created DESC';
const SHOWN_ORDERS = 'gophermart_query.orders WHERE uploaded_at IS NOT NULL';
const COLUMNS = 'num, status, accrual, uploaded_at, created';

/** The place in the list behind which the query goes on, and the mark of a list of statuses. */
const bounds = (mark = ''): string => `
  SELECT behind.*${mark && ', mark.*'}
  FROM (
    SELECT uploaded_at AS last_at, created AS last_created FROM ${SHOWN_ORDERS}
      AND num = ${PLACE} AND user_id = r.user_id
    UNION ALL
    SELECT r.to_at, 0 WHERE r.after IS NULL
  ) behind${mark && `, ${mark} mark`}`;

const WITHIN = `user_id = r.user_id AND uploaded_at >= r.from_at
  AND (uploaded_at, created) < (b.last_at, b.last_created)`;

/** The same, by the order of the index that has the statuses. */
const BY_STATUS = `uploaded_at AT TIME ZONE 'UTC' DESC, created DESC`;
const WITHIN_STATUS = `user_id = r.user_id
  AND uploaded_at AT TIME ZONE 'UTC' >= r.from_at AT TIME ZONE 'UTC'
  AND (uploaded_at AT TIME ZONE 'UTC', created) < (b.last_at AT TIME ZONE 'UTC', b.last_created)`;

/** As in the books, by the times at which the read model was told. */
const AS_IT_WAS = `
  SELECT num, was AS status, NULL AS accrual, uploaded_at, created
  FROM (
    SELECT ${COLUMNS}, CASE WHEN status <> 'PROCESSING' AND processing_since <= b.marked_at
      THEN 'PROCESSING' ELSE 'NEW' END AS was
    FROM (
      SELECT *, xmin FROM ${SHOWN_ORDERS}
        AND r.kinds && '{NEW,PROCESSING}' AND user_id = r.user_id
        AND changed_at > b.changed_after AND changed_at < 'infinity' OFFSET 0
    ) o
    WHERE ${WITHIN} AND status <> ALL(r.kinds) AND NOT ${wasSeen('o')}
  ) changed
  WHERE was = ANY(r.kinds)`;

const LINE = `
  '{"number":"' || num || '","status":"' || status
    || coalesce('","accrual":' || trim_scale(accrual)::text, '"')
    || ',"uploaded_at":"' || ${jsonTime('uploaded_at')} || '"}'`;

const ORDERS: ListSource = {
  newest: (user) => `
    SELECT num AS position, ${COLUMNS} FROM ${SHOWN_ORDERS}
      AND user_id = ${user} ${NEWEST_FIRST}`,
  chosen: {
    bounds: bounds(),
    rows: `
      SELECT num AS position, ${COLUMNS} FROM ${SHOWN_ORDERS}
        AND ${WITHIN} ${NEWEST_FIRST} LIMIT r.lines`,
    isPosition: isNumber,
  },
  ofKinds: {
    bounds: bounds(MARK),
    rows: `
      SELECT num || b.mark AS position, o.*
      FROM (
        SELECT o.*
        FROM UNNEST(r.kinds) kind CROSS JOIN LATERAL (
          SELECT ${COLUMNS} FROM ${SHOWN_ORDERS}
            AND status = kind AND ${WITHIN_STATUS} ORDER BY ${BY_STATUS} LIMIT r.lines
        ) o
        UNION ALL ${AS_IT_WAS}
      ) o
      ${NEWEST_FIRST} LIMIT r.lines`,
    isPosition: (text) => isMarked(text, isNumber),
  },
  line: LINE,
  bytes: '100 + octet_length(num)',
};

const step = (status: string, at: string): string =>
  `coalesce(',{"status":"' || ${status} || '","at":"' || ${jsonTime(at)} || '"}', '')`;

const DETAILS = `
  SELECT r.key, left(${LINE}, -1) || ',"history":[' || substr(
      ${step(`'NEW'`, 'uploaded_at')} || ${step(`'PROCESSING'`, 'processing_at')}
        || ${step('status', 'finished_at')}, 2
    ) || ']}' AS detail
  FROM UNNEST($1::text[], $2::uuid[], $3::text[]) AS r (key, user_id, number)
  LEFT JOIN gophermart_query.orders o
    ON o.num = r.number AND o.user_id = r.user_id AND o.uploaded_at IS NOT NULL`;

@Injectable()
export class ReadModelOrderQueries extends OrderQueriesInSql {
  constructor(database: ReadModelDatabase) {
    super(database, { orders: ORDERS, details: DETAILS });
  }
}

function isNumber(text: string): boolean {
  return /^\d{1,1000}$/.test(text);
}
