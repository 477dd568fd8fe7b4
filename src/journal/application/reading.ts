import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/application/ports.js';
import { ProgressReport } from '../../kernel/application/progress-report.js';
import { Pause } from '../../kernel/domain/time/pause.js';
import type { Cursor } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { type HeldLease, RENEW_MS } from './held-lease.js';
import { type JournalPages, PAGE_EVENTS } from './journal-pages.js';
import type { Progress, SubscriptionLeases, SubscriptionMetrics } from './ports.js';
import type { EventConnection } from './sink-ports.js';

/** How often the journal is looked at where no commit of this process wakes us up, in ms. */
const POLL_MS = 50;

/** And how long a wake-up waits for others, in milliseconds. */
const GATHER_MS = 5;

/** How often parked events are looked for that an operator has put back, in milliseconds. */
const RETRY_MS = 3_000;

export type Publisher = Pick<EventConnection, 'publish'>;

/** What has become of the events of a page, and of those before. */
export interface Passed extends Pick<Progress, 'parked' | 'waiting' | 'settled' | 'stopped'> {
  /** How many were taken. */
  readonly delivered: number;
}

/** A way to pass events on. */
export interface Delivery {
  /**
   * Passes these events on, behind those before. Resolves when more may be read.
   *
   * @throws Error when nothing is taken now.
   */
  pass(events: readonly JournalEvent[]): Promise<Passed>;

  /** Begins nothing more. */
  stop(): void;
}

/** What a subscription works with as long as it has the lease. */
export interface Held {
  readonly name: string;
  readonly held: HeldLease;
  readonly connection: EventConnection;
  readonly pages: JournalPages;
  readonly delivery: Delivery;
  readonly leases: SubscriptionLeases;
  readonly metrics: SubscriptionMetrics;
  readonly clock: Clock;
  readonly pauses: Pauses;
  /** Events were passed on, or there are none: nothing is wrong with the sink. */
  readonly succeeded: () => void;
}

/** Reads the journal page by page, has each passed on, and stores how far that has got. */
export class Reading {
  readonly #logger = new Logger(Reading.name);
  /** The next position that the sink has not been told of. */
  #told: bigint;
  /** While it is behind, as after an outage or a replay. */
  #report: ProgressReport | undefined;
  #isStopped = false;

  constructor(private readonly context: Held) {
    this.#told = context.held.cursor.nextPosition;
  }

  stop(): void {
    this.context.delivery.stop();
  }

  /**
   * Until the connection ends at the latest: what is then published or stored is refused.
   *
   * @param goesOn false ends it after the page under way.
   * @throws LeaseLost; Error when nothing is taken now.
   */
  async run(goesOn: () => boolean): Promise<void> {
    const { pages, clock, pauses, succeeded } = this.context;
    let nextRetryMs = 0;
    let nextTellMs = 0;
    while (goesOn() && !this.#isStopped) {
      pauses.forgetWakeUp();
      if (clock.monotonicMs() >= nextRetryMs) {
        await this.#passPutBack();
        nextRetryMs = clock.monotonicMs() + RETRY_MS;
      }
      const events = await pages.next();
      await this.#pass(events);
      this.#logProgress(pages.cursor);
      const { isAtEnd } = pages.cursor;
      // Whoever has lost something, or all of it, hears of it although nothing happens.
      const now = clock.monotonicMs();
      if (isAtEnd && events.length === 0 && now >= nextTellMs) await this.#tell(pages.cursor);
      // A stretch without events says nothing of the sink.
      if (events.length > 0 || isAtEnd) succeeded();
      if (events.length > 0 || now >= nextTellMs) nextTellMs = now + RENEW_MS;
      if (isAtEnd) await pauses.pause(GATHER_MS, false);
      if (isAtEnd && !pauses.isWoken) await pauses.pause(POLL_MS - GATHER_MS, true);
    }
  }

  /** Those that an operator has put back. */
  async #passPutBack(): Promise<void> {
    const { leases, name } = this.context;
    await this.#pass(await leases.toRetry(name, PAGE_EVENTS));
  }

  async #pass(events: readonly JournalEvent[]): Promise<void> {
    const { delivery, held, leases, metrics, name, pages } = this.context;
    const { delivered, ...passed } = await delivery.pass(events);
    const { parked, waiting, settled, stopped } = passed;
    const isChanged = [events, parked, waiting, settled].some(({ length }) => length > 0);
    if (!isChanged && stopped === undefined) return;
    // Before the cursor is stored: the next holder begins there.
    if (events.length > 0) await this.#tell(pages.cursor);
    const tried = events.map(({ position }) => position);
    await leases.save(held.lease, { cursor: pages.cursor, tried, ...passed });
    this.#isStopped = stopped !== undefined;
    metrics.delivered(name, delivered);
    metrics.parked(name, parked.length);
  }

  #logProgress({ isAtEnd, nextPosition, until }: Cursor): void {
    const { clock, name } = this.context;
    const done = Number(nextPosition) - 1;
    if (isAtEnd) this.#report = undefined;
    else this.#report ??= new ProgressReport('positions', done, () => clock.monotonicMs());
    const line = this.#report?.line(done, Number(until.top));
    if (line !== undefined) this.#logger.log(`${name}: ${line}`);
  }

  /** Late transactions have it search where it was before: what was told stays told. */
  async #tell({ nextPosition, isAtEnd }: Cursor): Promise<void> {
    const next = nextPosition > this.#told ? nextPosition : this.#told;
    const span = { from: this.#told, to: next - 1n, isEnd: isAtEnd };
    await this.context.connection.reached(span);
    this.#told = next;
  }
}

/** The pauses of a subscription. It makes one at a time. */
export class Pauses {
  /** Since {@link forgetWakeUp}. */
  #isWoken = false;
  #isStopping = false;
  readonly #pause = new Pause();

  get isStopping(): boolean {
    return this.#isStopping;
  }

  get isWoken(): boolean {
    return this.#isWoken;
  }

  forgetWakeUp(): void {
    this.#isWoken = false;
  }

  /** There may be something to do. */
  wakeUp(): void {
    this.#isWoken = true;
    this.#pause.look();
  }

  /** Ends this pause, and each one after it at once. */
  stop(): void {
    this.#isStopping = true;
    this.#pause.look();
  }

  /** @param isForWakeUp a wake-up ends it. */
  pause(ms: number, isForWakeUp: boolean): Promise<void> {
    return this.#pause.wait(ms, () => this.#isStopping || (isForWakeUp && this.#isWoken));
  }
}
