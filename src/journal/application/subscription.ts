import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/application/ports.js';
import { Cursor } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { DeliverEvents } from './deliver-events.js';
import { HeldLease, RENEW_MS } from './held-lease.js';
import { JournalPages, PAGE_EVENTS } from './journal-pages.js';
import {
  type EventConnection,
  type EventSink,
  type JournalReader,
  LeaseLost,
  type SubscriptionMetrics,
  type SubscriptionRepository,
  type SubscriptionLeases,
} from './ports.js';

/** How often the journal is looked at where no commit of this process wakes us up, in ms. */
const POLL_MS = 50;

/** And how long a wake-up waits for others, in milliseconds. */
const GATHER_MS = 5;

/** How often parked events are looked for that an operator has put back, in milliseconds. */
const RETRY_MS = 3_000;

/** After a failure, in milliseconds: doubled each time. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Passes the events of the journal on to a sink: each at least once, those of an account in their
 * order.
 *
 * - DISCONNECTED: the sink cannot be reached; it is tried again, with longer and longer pauses.
 * - WAITING: the sink is there, but another process has the lease, or nobody takes events.
 * - IDLE: we have the lease, and everything has been passed on that was seen. The next look is
 *   taken when a commit of this process wakes us up, or after a pause.
 * - DELIVERING: a page is with the sink. Then the cursor is stored, under the fence of the lease.
 * - STOPPED: the last state, after the page that was under way.
 *
 * Whatever fails leads to DISCONNECTED: what was passed on and not stored is passed on again.
 */
export class Subscription {
  readonly #logger = new Logger(Subscription.name);
  readonly #deliver: DeliverEvents;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();
  #connection: EventConnection | undefined;
  /** Since the last look. */
  #isWoken = false;
  #hasBegun = false;
  /** The next position that the sink has not been told of. */
  #told = 0n;
  #failures = 0;
  /** Why the last try has failed. */
  #reason: string | undefined;
  #endPause: () => void = () => undefined;

  constructor(
    private readonly sink: EventSink,
    private readonly reader: JournalReader,
    private readonly subscriptions: Pick<SubscriptionRepository, 'create' | 'exists'>,
    private readonly leases: SubscriptionLeases,
    private readonly metrics: SubscriptionMetrics,
    private readonly clock: Clock,
  ) {
    this.#deliver = new DeliverEvents(clock);
  }

  get name(): string {
    return this.sink.name;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There may be new events. */
  wakeUp(): void {
    this.#isWoken = true;
    this.#endPause();
  }

  /** Resolves when the page under way has been passed on, and the lease is given back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#endPause();
    await this.#running;
  }

  /** Ends the page that a stop waits for. */
  async abandon(): Promise<void> {
    await this.#connection?.close();
  }

  // Methods, because the compiler believes that a field which was tested stays so after an await.
  #goesOn(): boolean {
    return !this.#isStopping;
  }

  #wasWoken(): boolean {
    return this.#isWoken;
  }

  async #run(): Promise<void> {
    while (this.#goesOn()) {
      try {
        if (!this.sink.takesAll && !this.#hasBegun) await this.#begin();
        await this.#readOn(await this.sink.connect());
      } catch (error) {
        if (this.#goesOn() && !(error instanceof LeaseLost)) await this.#failed(error);
      }
    }
  }

  async #begin(): Promise<void> {
    const now = Cursor.from(await this.reader.mark());
    await this.subscriptions.create(this.name, this.sink.takesAll ? now.rewind(1n) : now);
    this.#hasBegun = true;
  }

  async #failed(error: unknown): Promise<void> {
    const why = reasonOf(error);
    if (why !== this.#reason) this.#logger.warn(`${this.name}: events wait in the journal: ${why}`);
    this.#reason = why;
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures++;
    await this.#pause(ms * (0.5 + Math.random() / 2), false);
  }

  #succeeded(): void {
    if (this.#reason !== undefined) this.#logger.warn(`${this.name}: connected again`);
    this.#reason = undefined;
    this.#failures = 0;
  }

  /** Until the connection ends, the lease, or the process. */
  async #readOn(connection: EventConnection): Promise<void> {
    this.#connection = connection;
    void connection.closed.then(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    let held: HeldLease | undefined;
    try {
      const closed = failWith(connection.closed);
      while (!held && this.#goesOn() && this.#connection === connection) {
        held = await this.#acquire(connection);
        this.#succeeded();
        if (!held) await this.#pause(RENEW_MS, false);
      }
      if (held) await Promise.race([this.#read(held, connection), closed, failWith(held.lost)]);
    } finally {
      this.#connection = undefined;
      await connection.close();
      await held?.release();
    }
  }

  async #acquire(connection: EventConnection): Promise<HeldLease | undefined> {
    if (!(await this.subscriptions.exists(this.name))) {
      if (!(await connection.hasReceiver())) return undefined;
      await this.#begin();
    }
    return HeldLease.acquire(this.name, this.leases, this.clock);
  }

  /** Ends with the connection at the latest: what it then publishes or stores is refused. */
  async #read(held: HeldLease, connection: EventConnection): Promise<void> {
    const pages = new JournalPages(this.reader, held.cursor);
    this.#told = held.cursor.nextPosition;
    let nextRetryMs = 0;
    let nextTellMs = 0;
    while (this.#goesOn() && this.#connection === connection) {
      this.#isWoken = false;
      if (this.clock.monotonicMs() >= nextRetryMs) {
        // Those that an operator has put back.
        const putBack = await this.leases.toRetry(this.name, PAGE_EVENTS);
        await this.#pass(putBack, pages, held, connection);
        nextRetryMs = this.clock.monotonicMs() + RETRY_MS;
      }
      const events = await pages.next();
      await this.#pass(events, pages, held, connection);
      const { isAtEnd } = pages.cursor;
      // Whoever has lost something, or all of it, hears of it although nothing happens.
      const now = this.clock.monotonicMs();
      if (isAtEnd && events.length === 0 && now >= nextTellMs)
        await this.#tell(connection, pages.cursor);
      if (events.length > 0 || now >= nextTellMs) nextTellMs = now + RENEW_MS;
      if (isAtEnd) await this.#pause(GATHER_MS, false);
      if (isAtEnd && !this.#wasWoken()) await this.#pause(POLL_MS - GATHER_MS, true);
    }
  }

  async #pass(
    events: readonly JournalEvent[],
    pages: JournalPages,
    held: HeldLease,
    connection: EventConnection,
  ): Promise<void> {
    if (events.length === 0) return;
    const whileHeld = {
      publish: async (message: readonly JournalEvent[]): Promise<void> => {
        held.assertHeld();
        await connection.publish(message);
      },
    };
    const parked = await this.#deliver.execute(whileHeld, events, () => pages.ahead());
    // Before the cursor is stored: the next holder begins there.
    await this.#tell(connection, pages.cursor);
    const tried = events.map(({ position }) => position);
    await this.leases.save(held.lease, { cursor: pages.cursor, parked, tried });
    this.metrics.delivered(this.name, events.length - parked.length);
    this.metrics.parked(this.name, parked.length);
  }

  /** Late transactions have it search where it was before: what was told stays told. */
  async #tell(connection: EventConnection, { nextPosition, isAtEnd }: Cursor): Promise<void> {
    const next = nextPosition > this.#told ? nextPosition : this.#told;
    await connection.reached({ from: this.#told, to: next - 1n, isEnd: isAtEnd });
    this.#told = next;
  }

  /** @param isForWakeUp a wake-up ends it. */
  #pause(ms: number, isForWakeUp: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        if (!isForWakeUp && !this.#isStopping) return;
        clearTimeout(timer);
        resolve();
      };
      if (this.#isStopping || (isForWakeUp && this.#isWoken)) this.#endPause();
    });
  }
}

/** A promise to race with: it fails with the reason, whether somebody waits for it or not. */
function failWith(reason: Promise<Error>): Promise<never> {
  const failing = reason.then((error) => Promise.reject(error));
  failing.catch(() => undefined);
  return failing;
}

/** The error of a host with several addresses has no message of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
