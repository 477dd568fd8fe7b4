import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { sharedRows } from '../../platform/postgres/reads/batched-read.js';
import { CashbackMetrics, type ResolutionResult, TASK_STATUSES } from '../application/ports.js';
import type { AccrualReply } from '../domain/task.js';

const seconds = (interval: string): string =>
  `coalesce(greatest(extract(epoch FROM ${interval}), 0), 0)`;

/** What all replicas know together: name, help, and its value in SQL. */
const SHARED = [
  [
    'accrual_up',
    '0 while requests to the accrual system fail and none is answered',
    '(unanswered_since IS NULL)::integer',
  ],
  [
    'accrual_paused_by_operator',
    '1 while an operator has paused all requests to the accrual system, see npm run queue',
    '(held_since IS NOT NULL)::integer',
  ],
  [
    'accrual_unanswered_seconds',
    'For how long requests to the accrual system have failed and none was answered',
    seconds('clock_timestamp() - unanswered_since'),
  ],
  [
    'accrual_breaker_open',
    '1 while requests to the accrual system are probes, one a second',
    'breaker_open::integer',
  ],
  [
    'accrual_pause_left_seconds',
    'For how long no request goes out to the accrual system, after a 429',
    seconds('paused_until - clock_timestamp()'),
  ],
  [
    'accrual_limit_per_minute',
    'Requests a minute that all replicas keep to, as learnt from a 429; absent without a limit',
    'rate_per_minute',
  ],
  [
    'cashback_overdue_seconds',
    'For how long the task has been due that has waited longest; 0 where none is due',
    `coalesce((SELECT ${seconds('clock_timestamp() - min(next_attempt_at)')}
      FROM gophermart.queue WHERE status <> 'FAILED'), 0)`,
  ],
] as const;

@Injectable()
export class PrometheusCashbackMetrics extends CashbackMetrics {
  readonly #replies: Histogram<'kind'>;
  readonly #credited: Counter;
  readonly #points: Counter;
  readonly #refused: Counter;
  readonly #parked: Counter;
  readonly #late: Counter;

  constructor(registry: Registry, database: PgUnitOfWork) {
    super();
    const registers = [registry];
    this.#replies = new Histogram({
      name: 'accrual_reply_seconds',
      help: 'Time from a request to the accrual system to its reply, by what the reply was',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
    this.#credited = counter(
      'cashback_orders_credited_total',
      'Orders that became PROCESSED, those without points too',
    );
    // Doubles: after very many credits the last kopeck may be off. The ledger is exact.
    this.#points = counter('cashback_points_credited_total', 'Points credited, in roubles');
    this.#refused = counter('cashback_orders_refused_total', 'Orders that became INVALID');
    this.#parked = counter(
      'cashback_orders_parked_total',
      'Orders whose task was parked as FAILED, until an operator puts it back',
    );
    this.#late = counter(
      'cashback_resolutions_late_total',
      'Replies that changed nothing, because the lease of their task had ended',
    );
    const statuses = sharedRows<StatusRow>(database, STATUSES);
    for (const [name, help, value] of OF_STATUSES) {
      const gauge: Gauge<'status'> = new Gauge({
        name,
        help,
        labelNames: ['status'],
        registers,
        // With the database away it is unknown. The other metrics must be there all the same.
        collect: async () => {
          const rows = await statuses();
          gauge.reset();
          for (const row of rows) gauge.set({ status: row.status }, value(row));
        },
      });
    }
    const shared = sharedRows<SharedValues>(database, SHARED_VALUES);
    for (const [name, help] of SHARED) {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers,
        collect: async () => {
          const value = (await shared())[0]?.[name] ?? undefined;
          // Absent where it is unknown: a 0 would say that all is well.
          if (value === undefined) gauge.remove();
          else gauge.set(value);
        },
      });
    }
  }

  replied(kind: AccrualReply['kind'], seconds: number): void {
    this.#replies.observe({ kind }, seconds);
  }

  resolved(result: ResolutionResult): void {
    switch (result.kind) {
      case 'processed':
        this.#credited.inc();
        return this.#points.inc(Number(result.points.toString()));
      case 'refused':
        return this.#refused.inc();
      case 'parked':
        return this.#parked.inc();
      case 'late':
        return this.#late.inc();
      case 'unfinished':
    }
  }
}

interface StatusRow {
  readonly status: string;
  readonly tasks: number;
  readonly oldest: number;
}

/** A row for each status, also where no task has it. */
const STATUSES = `
  SELECT s.status, count(q.order_id)::double precision AS tasks,
    ${seconds('clock_timestamp() - min(q.enqueued_at)')}::double precision AS oldest
  FROM unnest(ARRAY['${TASK_STATUSES.join("', '")}']) AS s (status)
  LEFT JOIN gophermart.queue q ON q.status::text = s.status
  GROUP BY s.status`;

const OF_STATUSES: readonly (readonly [string, string, (row: StatusRow) => number])[] = [
  ['cashback_tasks', 'Tasks in the queue', ({ tasks }) => tasks],
  [
    'cashback_oldest_task_seconds',
    'How long the order has waited for its points that has waited longest; 0 where none does',
    ({ oldest }) => oldest,
  ],
];

type SharedValues = Readonly<Record<string, number | null>>;

const SHARED_VALUES = `
  SELECT ${SHARED.map(([name, , value]) => `(${value})::double precision AS ${name}`).join(', ')}
  FROM gophermart.accrual_gate`;
