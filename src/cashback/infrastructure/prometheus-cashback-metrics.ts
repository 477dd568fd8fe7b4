import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { CashbackMetrics, type ResolutionResult, TASK_STATUSES } from '../application/ports.js';
import type { AccrualReply } from '../domain/task.js';

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
    const tasks: Gauge<'status'> = new Gauge({
      name: 'cashback_tasks',
      help: 'Tasks in the queue',
      labelNames: ['status'],
      registers,
      // With the database away the count is unknown. The other metrics must be there all the same.
      collect: () => countTasks(database, tasks).catch(() => tasks.reset()),
    });
    const paused: Gauge = new Gauge({
      name: 'accrual_paused_by_operator',
      help: '1 while an operator has paused all requests to the accrual system, see npm run queue',
      registers,
      // Absent where it is unknown: a 0 would say that nothing is paused.
      collect: () => showPause(database, paused).catch(() => paused.remove()),
    });
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

async function countTasks(database: PgUnitOfWork, gauge: Gauge<'status'>): Promise<void> {
  const { rows } = await database.query<{ status: string; tasks: string }>(
    'SELECT status, count(*) AS tasks FROM gophermart.queue GROUP BY status',
  );
  const counts = new Map(rows.map(({ status, tasks }) => [status, Number(tasks)]));
  for (const status of TASK_STATUSES) gauge.set({ status }, counts.get(status) ?? 0);
}

async function showPause(database: PgUnitOfWork, gauge: Gauge): Promise<void> {
  const { rows } = await database.query<{ paused: boolean }>(
    'SELECT held_since IS NOT NULL AS paused FROM gophermart.accrual_gate',
  );
  gauge.set(rows[0]?.paused ? 1 : 0);
}
