import { Injectable } from '@nestjs/common';
import { Histogram, Registry } from 'prom-client';
import type { CommittedBatch } from '../../kernel/application/batches/group-commit.js';
import { BatchMetrics } from '../../kernel/application/batches/ports.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A few numbers for a batch, however many commands it has. */
@Injectable()
export class PrometheusBatchMetrics extends BatchMetrics {
  readonly #size: Histogram<'commands'>;
  readonly #wait: Histogram<'commands'>;
  readonly #duration: Histogram<'commands'>;

  constructor(registry: Registry) {
    super();
    const options = { labelNames: ['commands'] as const, registers: [registry] };
    this.#size = new Histogram({
      ...options,
      name: 'commit_batch_size',
      help: 'Commands that shared a commit',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    });
    this.#wait = new Histogram({
      ...options,
      name: 'commit_wait_seconds',
      help: 'How long the first command of a batch waited until the batch went to the database',
      buckets: SECONDS,
    });
    this.#duration = new Histogram({
      ...options,
      name: 'commit_duration_seconds',
      help: 'How long a batch was in the database',
      buckets: SECONDS,
    });
  }

  of(commands: string): (batch: CommittedBatch) => void {
    const [size, wait, duration] = [this.#size, this.#wait, this.#duration].map((each) =>
      each.labels(commands),
    );
    return (batch) => {
      size?.observe(batch.commands);
      wait?.observe(batch.waitedMs / 1_000);
      duration?.observe(batch.tookMs / 1_000);
    };
  }
}
