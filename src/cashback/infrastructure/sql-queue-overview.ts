import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { pgOf } from '../../platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import {
  type ListedTask,
  QueueOverview,
  type QueueStatistics,
  type StatusStatistics,
  TASK_STATUSES,
  type TaskList,
  type TaskStatus,
  type TaskLookup,
} from '../application/ports.js';

interface TaskRow {
  readonly num: string;
  readonly status: TaskStatus;
  readonly tries: number;
  readonly attempt: number;
  readonly age_ms: number;
  readonly unchanged_ms: number;
  readonly due_in_ms: number;
  readonly reason: string | null;
}

const ms = (interval: string): string =>
  `(extract(epoch FROM ${interval}) * 1000)::double precision`;

const TASK = `
  q.status, q.tries, q.attempt, q.reason,
  ${ms('clock_timestamp() - q.enqueued_at')} AS age_ms,
  ${ms('clock_timestamp() - q.status_changed_at')} AS unchanged_ms,
  ${ms('q.next_attempt_at - clock_timestamp()')} AS due_in_ms`;

/** Limited before the join: only the orders of these tasks are looked up, not a million. */
const LIST = `
  WITH oldest AS MATERIALIZED (
    SELECT * FROM gophermart.queue WHERE status = ANY($1::gophermart.task_status[])
    ORDER BY enqueued_at, order_id LIMIT $2
  )
  SELECT o.num, ${TASK}
  FROM oldest q JOIN gophermart.orders o ON o.id = q.order_id
  ORDER BY q.enqueued_at, q.order_id`;

const COUNT =
  'SELECT count(*) AS total FROM gophermart.queue WHERE status = ANY($1::gophermart.task_status[])';

const FIND = `
  SELECT o.num, o.status AS order_status, ${TASK}
  FROM gophermart.orders o LEFT JOIN gophermart.queue q ON q.order_id = o.id
  WHERE o.num = ANY($1::text[])`;

const STATISTICS = `
  SELECT status, count(*)::integer AS tasks,
    (count(*) FILTER (
      WHERE status <> 'FAILED' AND next_attempt_at <= clock_timestamp()
    ))::integer AS due,
    max(${ms('clock_timestamp() - enqueued_at')}) AS oldest_ms,
    max(${ms('clock_timestamp() - next_attempt_at')}) FILTER (
      WHERE status <> 'FAILED' AND next_attempt_at <= clock_timestamp()
    ) AS overdue_ms
  FROM gophermart.queue GROUP BY status`;

@Injectable()
export class SqlQueueOverview extends QueueOverview {
  constructor(private readonly database: PgUnitOfWork) {
    super();
  }

  async list(status: TaskStatus | 'all', limit: number): Promise<TaskList> {
    const statuses = status === 'all' ? TASK_STATUSES : [status];
    const counted = await this.database.query<{ total: string }>(COUNT, [statuses]);
    const { rows } = await this.database.query<TaskRow>(LIST, [statuses, limit]);
    const tasks = rows.map(listed);
    // The count is a moment older than the list, which may have grown meanwhile.
    return { tasks, total: Math.max(Number(counted.rows[0]?.total), tasks.length) };
  }

  async find(
    transaction: Transaction,
    numbers: readonly string[],
  ): Promise<ReadonlyMap<string, TaskLookup>> {
    if (numbers.length === 0) return new Map();
    const { rows } = await pgOf(transaction).query<FoundRow | TaskRow>(FIND, [numbers]);
    return new Map(rows.map((row) => [row.num, lookupOf(row)]));
  }

  async statistics(): Promise<QueueStatistics> {
    const { rows } = await this.database.query<StatisticsRow>(STATISTICS);
    const of = (status: TaskStatus): StatusStatistics => {
      const row = rows.find((each) => each.status === status);
      return row
        ? {
            tasks: row.tasks,
            due: row.due,
            oldestMs: row.oldest_ms,
            overdueMs: row.overdue_ms ?? undefined,
          }
        : { tasks: 0, due: 0 };
    };
    return { PENDING: of('PENDING'), PROCESSING: of('PROCESSING'), FAILED: of('FAILED') };
  }
}

interface StatisticsRow {
  readonly status: TaskStatus;
  readonly tasks: number;
  readonly due: number;
  readonly oldest_ms: number;
  readonly overdue_ms: number | null;
}

interface FoundRow {
  readonly num: string;
  readonly order_status: string;
  readonly status: null;
}

function lookupOf(row: FoundRow | TaskRow): TaskLookup {
  return row.status === null
    ? { kind: 'no task', orderStatus: row.order_status }
    : { kind: 'task', task: listed(row) };
}

function listed({
  num,
  status,
  tries,
  attempt,
  age_ms,
  unchanged_ms,
  due_in_ms,
  reason,
}: TaskRow): ListedTask {
  return {
    number: num,
    status,
    tries,
    requests: attempt,
    ageMs: age_ms,
    unchangedMs: unchanged_ms,
    dueInMs: due_in_ms,
    reason: reason ?? undefined,
  };
}
