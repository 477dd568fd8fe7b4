import { setTimeout as pause } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { WatchBooks } from '../application/watch-books.js';
import { ReconciliationSettings } from '../reconciliation.settings.js';

const TIMEOUT = 'reconciliation';

/**
 * Of the 10 s of a stop, in milliseconds: a statement that cannot be cancelled ends with its
 * connection.
 */
const STOP_WITHIN_MS = 1_000;

/** Has the books watched, one run after another. */
@Injectable()
export class ReconciliationScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stopping = new AbortController();
  #run = Promise.resolve();

  constructor(
    private readonly scheduler: SchedulerRegistry,
    private readonly watchBooks: WatchBooks,
    private readonly settings: ReconciliationSettings,
  ) {}

  onApplicationBootstrap(): void {
    const { intervalMs } = this.settings;
    if (intervalMs > 0) this.#runIn(firstRunInMs(intervalMs, Math.random()));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    if (this.scheduler.doesExist('timeout', TIMEOUT)) this.scheduler.deleteTimeout(TIMEOUT);
    await Promise.race([this.#run, pause(STOP_WITHIN_MS, undefined, { ref: false })]);
  }

  /**
   * Timed from the end of one run to the start of the next: they never overlap, however long one
   * takes.
   */
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

/** Not before, so that a start is not slowed down: in milliseconds. */
const SETTLED_MS = 10_000;

/** Replicas that start together begin within so long of each other, in milliseconds. */
const SPREAD_MS = 110_000;

/** Part of the interval by which a run may come early or late: replicas drift apart. */
const JITTER = 0.1;

/**
 * When the first run begins after a start: after 10 s to 2 minutes, sooner where the interval is
 * shorter. `random` is 0 to 1.
 */
export function firstRunInMs(intervalMs: number, random: number): number {
  return Math.min(SETTLED_MS, intervalMs) + Math.min(SPREAD_MS, intervalMs) * random;
}

/** When the next run begins after the end of one. `random` is 0 to 1. */
export function nextRunInMs(intervalMs: number, random: number): number {
  return intervalMs * (1 - JITTER + 2 * JITTER * random);
}
