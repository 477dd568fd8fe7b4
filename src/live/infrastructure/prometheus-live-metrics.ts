import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { LiveMetrics } from '../application/ports.js';

@Injectable()
export class PrometheusLiveMetrics extends LiveMetrics {
  readonly #open: Gauge;
  readonly #cut: Counter;

  constructor(registry: Registry) {
    super();
    const registers = [registry];
    this.#open = new Gauge({
      name: 'live_streams',
      help: 'Streams of events that are open in this process',
      registers,
    });
    this.#cut = new Counter({
      name: 'live_streams_cut_total',
      help: 'Streams that were cut off because their clients did not take what was sent',
      registers,
    });
  }

  opened(): void {
    this.#open.inc();
  }

  closed(): void {
    this.#open.dec();
  }

  cut(): void {
    this.#cut.inc();
  }
}
