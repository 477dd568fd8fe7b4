import { Injectable } from '@nestjs/common';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Trace } from '../../kernel/domain/trace.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { QueueRepository, type Shares } from '../application/ports.js';
import type { TaskPriority, TaskSnapshot, Resolution } from '../domain/task.js';

/**
 * How the priorities are called in the table. The names there stay as they were: during an update,
 * replicas of the version before read and write them too.
 */
export const STANDING = {
  FRESH: 'FRESH',
  RETRIED: 'ASKED',
  SUSPECT: 'DOUBTFUL',
} as const satisfies Record<TaskPriority, string>;

export type Standing = (typeof STANDING)[TaskPriority];

/** And back. */
export const PRIORITY: Readonly<Record<Standing, TaskPriority>> = {
  FRESH: 'FRESH',
  ASKED: 'RETRIED',
  DOUBTFUL: 'SUSPECT',
};

interface ClaimedRow {
  readonly order_id: string;
  readonly user_id: string;
  readonly num: string;
  readonly attempt: number;
  readonly tries: number;
  readonly standing: Standing;
  readonly age_ms: string;
  readonly trace: string | null;
}

/**
 * Leases the rows of `chosen` for $1 milliseconds. A row that is PROCESSING and due was lost with
 * its worker. That spends a try, so that an order whose reply kills workers is parked in the end.
 */
const LEASE = `
  UPDATE gophermart.queue q
  SET status = 'PROCESSING', attempt = q.attempt + 1,
      tries = q.tries + (q.status = 'PROCESSING')::integer,
      next_attempt_at = clock_timestamp() + $1 * interval '1 millisecond',
      status_changed_at = clock_timestamp()
  FROM chosen c JOIN gophermart.orders o ON o.id = c.order_id
  WHERE q.order_id = c.order_id
  RETURNING q.order_id, o.user_id, o.num, o.trace, q.attempt, q.tries, q.standing,
    extract(epoch FROM clock_timestamp() - q.enqueued_at) * 1000 AS age_ms`;

/**
 * Due rows of one priority. Without the subselect the function, which is volatile, would be called
 * for every row of the index that is not due.
 */
const due = (priority: TaskPriority, order: 'ASC' | 'DESC', limit: string): string => `
  SELECT order_id, next_attempt_at FROM gophermart.queue
  WHERE status <> 'FAILED' AND standing = '${STANDING[priority]}'
    AND next_attempt_at <= (SELECT clock_timestamp())
  ORDER BY next_attempt_at ${order} LIMIT ${limit} FOR UPDATE SKIP LOCKED`;

/** Stride scheduling: the n-th row of a priority has its turn at (n − 1 + offset) ÷ weight. */
const turns = (rows: string, offset: number, weight: number): string => `
  SELECT order_id, (row_number() OVER (ORDER BY next_attempt_at) - 1
    + $${offset}::double precision) / $${weight}::double precision AS turn
  FROM ${rows}`;

/**
 * The CTEs are MATERIALIZED: `WHERE id IN (SELECT … LIMIT n FOR UPDATE SKIP LOCKED)` can be run
 * again by the planner and take more than n rows.
 */
const CLAIM = `
  WITH fresh AS MATERIALIZED (${due('FRESH', 'ASC', '$2::integer')}),
  retried AS MATERIALIZED (${due('RETRIED', 'ASC', '$2::integer')}),
  suspects AS MATERIALIZED (${due('SUSPECT', 'ASC', 'least($2::integer, $3::integer)')}),
  queued AS (
    ${turns('fresh', 4, 7)}
    UNION ALL ${turns('retried', 5, 8)}
    UNION ALL ${turns('suspects', 6, 9)}
  ),
  chosen AS MATERIALIZED (SELECT order_id FROM queued ORDER BY turn LIMIT $2::integer) ${LEASE}`;

/**
 * The newest of the new orders. The older ones failed during the outage, and one of them may be
 * what looks like one: the newest is the fairest probe.
 */
const CLAIM_PROBE = `
  WITH fresh AS MATERIALIZED (${due('FRESH', 'DESC', '1')}),
  retried AS MATERIALIZED (${due('RETRIED', 'ASC', '1')}),
  suspects AS MATERIALIZED (${due('SUSPECT', 'ASC', '1')}),
  chosen AS MATERIALIZED (
    SELECT order_id FROM fresh
    UNION ALL SELECT order_id FROM retried WHERE NOT EXISTS (SELECT FROM fresh)
    UNION ALL SELECT order_id FROM suspects
      WHERE NOT EXISTS (SELECT FROM fresh) AND NOT EXISTS (SELECT FROM retried)
  ) ${LEASE}`;

/**
 * Every wait was stored with its moment: one that lies in the future shows that the clock was set
 * back. Rows that others have locked are left to the next call.
 */
const RESCHEDULE = `
  WITH chosen AS MATERIALIZED (
    SELECT order_id FROM gophermart.queue
    WHERE status <> 'FAILED' AND (
      status_changed_at > (SELECT clock_timestamp()) OR next_attempt_at > CASE status
        WHEN 'PROCESSING' THEN (SELECT clock_timestamp() + $1 * interval '1 millisecond')
        ELSE (SELECT clock_timestamp() + $2 * interval '1 millisecond') END
    )
    LIMIT $3 FOR UPDATE SKIP LOCKED
  )
  UPDATE gophermart.queue q
  SET status_changed_at = clock_timestamp(), next_attempt_at = clock_timestamp() + CASE
    WHEN status = 'PROCESSING' THEN $1 * interval '1 millisecond'
    WHEN next_attempt_at - status_changed_at > $2 * interval '1 millisecond' THEN interval '0'
    ELSE next_attempt_at - status_changed_at END
  FROM chosen c WHERE q.order_id = c.order_id`;

/** A million would take longer than a statement may, and hold their locks as long. */
const RESCHEDULED_AT_ONCE = 10_000;

@Injectable()
export class SqlQueueRepository extends QueueRepository {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  add(transaction: Transaction, orderIds: readonly string[]): Deferred<number> {
    const inserted = pgOf(transaction).sendWithNext(
      `INSERT INTO gophermart.queue
         (order_id, status, enqueued_at, next_attempt_at, status_changed_at)
       SELECT order_id, 'PENDING', clock_timestamp(), clock_timestamp(), clock_timestamp()
       FROM UNNEST($1::uuid[]) AS t (order_id)
       WHERE EXISTS (SELECT FROM gophermart.orders o WHERE o.id = t.order_id AND o.status = 'NEW')
       ORDER BY order_id ON CONFLICT (order_id) DO NOTHING`,
      [orderIds],
    );
    return inserted.thenApply(({ rowCount }) => rowCount ?? 0);
  }

  claim(
    limit: number,
    { weights, offsets, suspects }: Shares,
    leaseMs: number,
    transaction?: Transaction,
  ): Promise<TaskSnapshot[]> {
    const byPriority = ({
      FRESH,
      RETRIED,
      SUSPECT,
    }: Readonly<Record<TaskPriority, number>>): number[] => [FRESH, RETRIED, SUSPECT];
    return this.lease(
      CLAIM,
      [leaseMs, limit, suspects, ...byPriority(offsets), ...byPriority(weights)],
      transaction,
    );
  }

  claimProbe(leaseMs: number, transaction?: Transaction): Promise<TaskSnapshot[]> {
    return this.lease(CLAIM_PROBE, [leaseMs], transaction);
  }

  async reschedule(leaseMs: number, longestWaitMs: number): Promise<number> {
    const { rowCount } = await this.database.query(RESCHEDULE, [
      leaseMs,
      longestWaitMs,
      RESCHEDULED_AT_ONCE,
    ]);
    return rowCount ?? 0;
  }

  async lockOwn(
    transaction: Transaction,
    resolutions: readonly Resolution[],
  ): Promise<ReadonlySet<Resolution>> {
    const { rows } = await pgOf(transaction).query<Pick<ClaimedRow, 'order_id' | 'attempt'>>(
      `SELECT order_id, attempt FROM gophermart.queue
       WHERE status = 'PROCESSING' AND order_id = ANY($1::uuid[])
       ORDER BY order_id FOR UPDATE`,
      [[...new Set(resolutions.map(({ orderId }) => orderId))]],
    );
    const attempts = new Map(rows.map((row) => [row.order_id, row.attempt]));
    return new Set(resolutions.filter(({ orderId, attempt }) => attempts.get(orderId) === attempt));
  }

  store(transaction: Transaction, resolutions: readonly Resolution[]): void {
    const gone = resolutions
      .filter(({ task }) => task.status === 'gone')
      .map(({ orderId }) => orderId);
    const kept = resolutions.filter(({ task }) => task.status !== 'gone');
    if (gone.length > 0) this.remove(transaction, gone);
    if (kept.length > 0) this.update(transaction, kept);
  }

  private async lease(
    statement: string,
    parameters: unknown[],
    transaction?: Transaction,
  ): Promise<TaskSnapshot[]> {
    const sender = transaction ? pgOf(transaction) : this.database;
    const { rows } = await sender.query<ClaimedRow>(statement, parameters);
    return rows.map(({ order_id, user_id, num, attempt, tries, standing, age_ms, trace }) => ({
      orderId: order_id,
      userId: user_id,
      number: OrderNumber.restore(num),
      attempt,
      tries,
      priority: PRIORITY[standing],
      ageMs: Number(age_ms),
      trace: Trace.read(trace),
    }));
  }

  private remove(transaction: Transaction, orderIds: readonly string[]): void {
    pgOf(transaction).sendWithNext(
      'DELETE FROM gophermart.queue WHERE order_id = ANY($1::uuid[])',
      [orderIds],
    );
  }

  /** A parked task keeps its priority; it is not due at any time. */
  private update(transaction: Transaction, resolutions: readonly Resolution[]): void {
    const tasks = resolutions.map(({ task }) => task);
    pgOf(transaction).sendWithNext(
      `UPDATE gophermart.queue q
       SET status = v.status, tries = v.tries, standing = coalesce(v.standing, q.standing),
           reason = coalesce(v.reason, q.reason),
           next_attempt_at = clock_timestamp() + v.due_in_ms * interval '1 millisecond',
           status_changed_at = clock_timestamp()
       FROM UNNEST($1::uuid[], $2::gophermart.task_status[], $3::integer[],
           $4::gophermart.task_standing[], $5::text[], $6::double precision[])
         AS v (order_id, status, tries, standing, reason, due_in_ms)
       WHERE q.order_id = v.order_id`,
      [
        resolutions.map(({ orderId }) => orderId),
        tasks.map(({ status }) => status),
        tasks.map((task) => (task.status === 'gone' ? 0 : task.tries)),
        tasks.map((task) => (task.status === 'PENDING' ? STANDING[task.priority] : null)),
        tasks.map((task) => (task.status === 'gone' ? null : (task.reason ?? null))),
        tasks.map((task) => (task.status === 'PENDING' ? task.dueInMs : 0)),
      ],
    );
  }
}
