import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { PgUnitOfWork } from '../../platform/postgres/pg-unit-of-work.js';
import { sharedRows } from '../../platform/postgres/reads/batched-read.js';
import { SubscriptionMetrics } from '../application/ports.js';
import { BACKLOG, type BacklogRow } from './sql-journal-overview.js';

const SHARED: readonly (readonly [string, string, (row: BacklogRow) => number])[] = [
  [
    'journal_backlog_events',
    'Events that are not passed on yet, about: positions that were never used count too',
    ({ backlog }) => backlog,
  ],
  [
    'journal_lag_seconds',
    'How long the oldest event has waited that is not passed on; 0 where none waits',
    ({ lag_ms }) => lag_ms / 1000,
  ],
  [
    'journal_stopped',
    '1 while the receiver wants no more events and nobody has resumed the subscription',
    ({ stopped_ms }) => (stopped_ms === null ? 0 : 1),
  ],
  ['journal_parked_events', 'Parked events, which wait for an operator', ({ parked }) => parked],
];

/** What all replicas know together comes from the database, what this process did is counted. */
@Injectable()
export class PrometheusSubscriptionMetrics extends SubscriptionMetrics {
  readonly #delivered: Counter<'subscription'>;
  readonly #parked: Counter<'subscription'>;

  constructor(registry: Registry, database: PgUnitOfWork) {
    super();
    const options = { labelNames: ['subscription'] as const, registers: [registry] };
    this.#delivered = new Counter({
      ...options,
      name: 'journal_events_delivered_total',
      help: 'Events that this process has passed on',
    });
    this.#parked = new Counter({
      ...options,
      name: 'journal_events_parked_total',
      help: 'Events that this process has parked, because they were refused',
    });
    const shared = sharedRows<BacklogRow>(database, BACKLOG);
    for (const [name, help, value] of SHARED) {
      const gauge: Gauge<'subscription'> = new Gauge({
        ...options,
        name,
        help,
        collect: async () => {
          const rows = await shared();
          gauge.reset();
          for (const row of rows) gauge.set({ subscription: row.name }, value(row));
        },
      });
    }
  }

  delivered(subscription: string, events: number): void {
    this.#delivered.inc({ subscription }, events);
  }

  parked(subscription: string, events: number): void {
    this.#parked.inc({ subscription }, events);
  }
}
