import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { measureConnections } from '../../platform/observability/process-metrics.js';
import { ReadModel, ReadModelMetrics } from '../application/ports.js';
import { ReadModelDatabase } from './read-model-database.js';

/** What this process did is counted; how the read model stands is asked of its database. */
@Injectable()
export class PrometheusReadModelMetrics extends ReadModelMetrics {
  readonly #stored: Counter;
  readonly #parked: Counter;

  constructor(registry: Registry, model: ReadModel, database: ReadModelDatabase) {
    super();
    measureConnections(registry, database, {
      name: 'read_model_connections',
      help: 'Connections of the read model’s pool by state; waiting: those who wait for one',
    });
    const registers = [registry];
    this.#stored = new Counter({
      name: 'read_model_events_total',
      help: 'Events that this process has brought the read model up to date with',
      registers,
    });
    this.#parked = new Counter({
      name: 'read_model_events_parked_total',
      help: 'Events that this process has parked, because they could not be stored',
      registers,
    });
    const asked = (name: string, help: string, ask: () => Promise<number>): void => {
      const gauge: Gauge = new Gauge({
        name,
        help,
        registers,
        // With the database away the rest of the metrics is wanted most.
        collect: async () => gauge.set(await ask().catch(() => NaN)),
      });
    };
    asked('read_model_parked_events', 'Parked events, which wait for an operator', () =>
      model.parked(),
    );
    asked(
      'read_model_caught_up',
      '1: it has had everything once, and has lacked nothing since',
      async () => Number((await model.progress()).isCaughtUp),
    );
  }

  stored(events: number): void {
    this.#stored.inc(events);
  }

  parked(events: number): void {
    this.#parked.inc(events);
  }
}
