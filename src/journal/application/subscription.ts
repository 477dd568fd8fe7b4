import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/application/ports.js';
import type { Cursor } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { DeliverEvents } from './deliver-events.js';
import { HeldLease, RENEW_MS } from './held-lease.js';
import {
  type EventConnection,
  type EventSink,
  type JournalReader,
  LeaseLost,
  type ParkedEvent,
  type SubscriptionMetrics,
  type SubscriptionLeases,
} from './ports.js';

/** Events that are read, passed on and remembered together, at most. */
const PAGE_EVENTS = 2_000;

/** How often the journal is looked at while no commit of this process calls, in milliseconds. */
const POLL_MS = 50;

/** And how long a call waits for others, in milliseconds. */
const GATHER_MS = 5;

/** How often an operator may have put parked events back, in milliseconds. */
const RETRY_MS = 3_000;

/** After a failure, in milliseconds: doubled each time. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Passes the events of the journal on to a sink: each at least once, those of an account in their
 * order.
 *
 * - DISCONNECTED: the sink cannot be reached; it is tried again, with longer and longer pauses.
 * - WAITING: the sink is there, but another process has the lease.
 * - IDLE: we have the lease, and everything has been passed on that was seen. The next look is
 *   taken when a commit of this process calls, or after a pause.
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
  /** Somebody called since the last look. */
  #isCalled = false;
  #failures = 0;
  #endPause: () => void = () => undefined;

  constructor(
    readonly name: string,
    private readonly sink: EventSink,
    private readonly reader: JournalReader,
    private readonly leases: SubscriptionLeases,
    private readonly metrics: SubscriptionMetrics,
    private readonly clock: Clock,
  ) {
    this.#deliver = new DeliverEvents(clock);
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There may be new events. */
  call(): void {
    this.#isCalled = true;
    this.#endPause();
  }

  /** Resolves when the page under way has been passed on, and the lease is given back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#endPause();
    await this.#running;
  }

  /** Ends what a stop waits for. */
  async abandon(): Promise<void> {
    await this.#connection?.close();
  }

  #goesOn(): boolean {
    return !this.#isStopping;
  }

  #wasCalled(): boolean {
    return this.#isCalled;
  }

  async #run(): Promise<void> {
    while (this.#goesOn()) {
      try {
        await this.#readOn(await this.sink.connect());
      } catch (error) {
        if (this.#goesOn() && !(error instanceof LeaseLost)) await this.#failed(error);
      }
    }
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#failures === 0) {
      const why = error instanceof Error ? error.message : String(error);
      this.#logger.warn(`${this.name}: events wait in the journal: ${why}`);
    }
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures++;
    await this.#pause(ms * (0.5 + Math.random() / 2), false);
  }

  #succeeded(): void {
    if (this.#failures > 0) this.#logger.log(`${this.name}: events are passed on again`);
    this.#failures = 0;
  }

  /** Until the connection ends, the lease, or the process. */
  async #readOn(connection: EventConnection): Promise<void> {
    this.#connection = connection;
    let held: HeldLease | undefined;
    try {
      const closed = failWith(connection.closed);
      while (!held && this.#goesOn()) {
        held = await HeldLease.acquire(this.name, this.leases, this.clock);
        if (!held) await Promise.race([this.#pause(RENEW_MS, false), closed]);
      }
      if (held) await Promise.race([this.#read(held, connection), closed, failWith(held.lost)]);
    } finally {
      this.#connection = undefined;
      await connection.close();
      await held?.release();
    }
  }

  /** Ends with the connection at the latest: what it then publishes or stores is refused. */
  async #read(held: HeldLease, connection: EventConnection): Promise<void> {
    let { cursor } = held;
    let retryMs = 0;
    while (this.#goesOn() && this.#connection === connection) {
      this.#isCalled = false;
      if (this.clock.monotonicMs() >= retryMs) {
        await this.#passParked(held, cursor, connection);
        retryMs = this.clock.monotonicMs() + RETRY_MS;
      }
      if (cursor.isAtEnd) cursor = cursor.next(await this.reader.mark(cursor.until));
      const { range } = cursor;
      if (range) {
        const events = await this.reader.read(range, PAGE_EVENTS);
        const last = events.length < PAGE_EVENTS ? undefined : events.at(-1);
        cursor = cursor.readTo(last?.position ?? range.to);
        if (events.length > 0) {
          const parked = await this.#pass(events, cursor, held, connection);
          await this.leases.save(held.lease, { cursor, parked, retried: [] });
        }
      }
      this.#succeeded();
      if (cursor.isAtEnd) await this.#pause(GATHER_MS, false);
      if (cursor.isAtEnd && !this.#wasCalled()) await this.#pause(POLL_MS - GATHER_MS, true);
    }
  }

  /** Those that an operator has put back. */
  async #passParked(held: HeldLease, cursor: Cursor, connection: EventConnection): Promise<void> {
    const events = await this.leases.toRetry(this.name, PAGE_EVENTS);
    if (events.length === 0) return;
    const parked = await this.#pass(events, cursor, held, connection);
    const retried = events.map(({ position }) => position);
    await this.leases.save(held.lease, { cursor, parked, retried });
  }

  /** A look ahead, at what comes behind the events that are being passed on. */
  async #following(cursor: Cursor): Promise<readonly JournalEvent[]> {
    const ahead = cursor.isAtEnd ? cursor.next(await this.reader.mark(cursor.until)) : cursor;
    return ahead.range ? this.reader.read(ahead.range, PAGE_EVENTS) : [];
  }

  async #pass(
    events: readonly JournalEvent[],
    cursor: Cursor,
    held: HeldLease,
    connection: EventConnection,
  ): Promise<readonly ParkedEvent[]> {
    const whileHeld = {
      publish: async (message: readonly JournalEvent[]): Promise<void> => {
        held.assertHeld();
        await connection.publish(message);
      },
    };
    const following = (): Promise<readonly JournalEvent[]> => this.#following(cursor);
    const parked = await this.#deliver.execute(whileHeld, events, following);
    this.metrics.delivered(this.name, events.length - parked.length);
    this.metrics.parked(this.name, parked.length);
    return parked;
  }

  /** @param isForCalls a call ends it. */
  #pause(ms: number, isForCalls: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        if (!isForCalls && !this.#isStopping) return;
        clearTimeout(timer);
        resolve();
      };
      if (this.#isStopping || (isForCalls && this.#isCalled)) this.#endPause();
    });
  }
}

/** A promise to race with: it fails with the reason, whether somebody waits for it or not. */
function failWith(reason: Promise<Error>): Promise<never> {
  const failing = reason.then((error) => Promise.reject(error));
  failing.catch(() => undefined);
  return failing;
}
