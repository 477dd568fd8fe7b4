import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Readiness } from '../../platform/observability/readiness.js';
import { WatchBooks } from '../application/watch-books.js';
import { ReconciliationSettings } from '../reconciliation.settings.js';

const TIMEOUT = 'reconciliation';

/**
 * How long a stop waits for the run under way, in milliseconds. A statement that cannot be
 * cancelled ends with its connection.
 */
const STOP_WITHIN_MS = 1_000;

/** Runs {@link WatchBooks} again and again. */
@Injectable()
export class ReconciliationScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stopping = new AbortController();
  #run = Promise.resolve();

  constructor(
    private readonly scheduler: SchedulerRegistry,
    private readonly watchBooks: WatchBooks,
    private readonly settings: ReconciliationSettings,
    private readonly readiness: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    const { intervalMs } = this.settings;
    if (intervalMs > 0) this.#runIn(firstRunInMs(intervalMs, Math.random()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    if (this.scheduler.doesExist('timeout', TIMEOUT)) this.scheduler.deleteTimeout(TIMEOUT);
    await this.readiness.hasStopped(this.#run, STOP_WITHIN_MS);
  }

  /** Timed from the end of one run to the start of the next, so runs never overlap. */
  #runIn(ms: number): void {
    this.scheduler.addTimeout(
      TIMEOUT,
      setTimeout(() => void (this.#run = this.#runNow()), ms),
    );
  }

  async #runNow(): Promise<void> {
    this.scheduler.deleteTimeout(TIMEOUT);
    await this.watchBooks.execute(this.#stopping.signal);
    if (!this.#stopping.signal.aborted)
      this.#runIn(nextRunInMs(this.settings.intervalMs, Math.random()));
  }
}

/** The first run does not begin earlier: it would slow the start down. In milliseconds. */
const FIRST_AFTER_MS = 10_000;

/** The first runs of replicas that start together are spread over so long, in milliseconds. */
const SPREAD_MS = 110_000;

/** The part of the interval by which a run may be early or late, so that replicas drift apart. */
const JITTER = 0.1;

/**
 * When the first run begins after a start: after 10 s to 2 minutes, sooner where the interval is
 * shorter. `random` is 0 to 1.
 */
export function firstRunInMs(intervalMs: number, random: number): number {
  return Math.min(FIRST_AFTER_MS, intervalMs) + Math.min(SPREAD_MS, intervalMs) * random;
}

/** When the next run begins after the end of one. `random` is 0 to 1. */
export function nextRunInMs(intervalMs: number, random: number): number {
  return intervalMs * (1 - JITTER + 2 * JITTER * random);
}
