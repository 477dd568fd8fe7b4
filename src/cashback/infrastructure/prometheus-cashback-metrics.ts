import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { CashbackMetrics, type SettleResult } from '../application/ports.js';
import type { AccrualReply } from '../domain/task.js';

const STATUSES = ['PENDING', 'PROCESSING', 'FAILED'] as const;

@Injectable()
export class PrometheusCashbackMetrics extends CashbackMetrics {
  readonly #replies: Histogram<'kind'>;
  readonly #settled: Counter<'result'>;
  readonly #parked: Counter;

  constructor(registry: Registry, database: PgUnitOfWork) {
    super();
    const registers = [registry];
    this.#replies = new Histogram({
      name: 'accrual_reply_seconds',
      help: 'Time from a question to the accrual system’s reply, by what the reply was',
      labelNames: ['kind'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    });
    this.#settled = new Counter({
      name: 'cashback_settled_total',
      help: 'Verdicts brought into the books, or too late',
      labelNames: ['result'],
      registers,
    });
    this.#parked = new Counter({
      name: 'cashback_parked_total',
      help: 'Tasks parked as FAILED',
      registers,
    });
    const tasks: Gauge<'status'> = new Gauge({
      name: 'cashback_tasks',
      help: 'Tasks in the queue',
      labelNames: ['status'],
      registers,
      // With the database away the count is unknown; the other metrics are wanted all the more.
      collect: () => countTasks(database, tasks).catch(() => tasks.reset()),
    });
    const held: Gauge = new Gauge({
      name: 'cashback_held',
      help: '1 while an operator holds the asking of the accrual system, see npm run queue',
      registers,
      // Absent where it is unknown: a 0 would say that all is well.
      collect: () => showHold(database, held).catch(() => held.remove()),
    });
  }

  replied(kind: AccrualReply['kind'], seconds: number): void {
    this.#replies.observe({ kind }, seconds);
  }

  settled(result: SettleResult): void {
    this.#settled.inc({ result });
  }

  parked(): void {
    this.#parked.inc();
  }
}

async function countTasks(database: PgUnitOfWork, gauge: Gauge<'status'>): Promise<void> {
  const { rows } = await database.query<{ status: string; tasks: string }>(
    'SELECT status, count(*) AS tasks FROM gophermart.queue GROUP BY status',
  );
  const counts = new Map(rows.map(({ status, tasks }) => [status, Number(tasks)]));
  for (const status of STATUSES) gauge.set({ status }, counts.get(status) ?? 0);
}

async function showHold(database: PgUnitOfWork, gauge: Gauge): Promise<void> {
  const { rows } = await database.query<{ held: boolean }>(
    'SELECT held_since IS NOT NULL AS held FROM gophermart.accrual_gate',
  );
  gauge.set(rows[0]?.held ? 1 : 0);
}
