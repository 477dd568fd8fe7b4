import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { type Reconciliation, ReconciliationMetrics } from '../application/ports.js';
import { DIFFERENCE_KINDS } from '../domain/difference.js';

/** Nothing is shown before the first run: a zero would say that the books agree. */
@Injectable()
export class PrometheusReconciliationMetrics extends ReconciliationMetrics {
  readonly #differences: Gauge<'kind'>;
  readonly #lastRun: Gauge;
  readonly #duration: Gauge;

  constructor(registry: Registry) {
    super();
    const registers = [registry];
    this.#differences = new Gauge({
      name: 'reconciliation_differences',
      help: 'Differences that this replica’s last run found in the books, by kind',
      labelNames: ['kind'],
      registers,
    });
    this.#lastRun = new Gauge({
      name: 'reconciliation_last_run_timestamp_seconds',
      help: 'When this replica’s last run ended',
      registers,
    });
    this.#duration = new Gauge({
      name: 'reconciliation_duration_seconds',
      help: 'How long this replica’s last run took',
      registers,
    });
    this.#lastRun.remove();
    this.#duration.remove();
  }

  reconciled({ differences, finishedAt, seconds }: Reconciliation): void {
    for (const kind of DIFFERENCE_KINDS)
      this.#differences.set({ kind }, differences.get(kind) ?? 0);
    this.#lastRun.set(finishedAt.getTime() / 1_000);
    this.#duration.set(seconds);
  }
}
