import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/application/ports.js';
import type { Cursor } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { DeliverEvents } from './deliver-events.js';
import {
  type EventConnection,
  type EventSink,
  type JournalReader,
  type Lease,
  LeaseLost,
  type ParkedEvent,
  type SubscriptionMetrics,
  type SubscriptionLeases,
  type TakenLease,
} from './ports.js';

/** Events that are read, passed on and remembered together, at most. */
const PAGE_EVENTS = 2_000;

/** How often the journal is looked at while no commit of this process calls, in milliseconds. */
const POLL_MS = 50;

/** And how long a call waits for others, in milliseconds. */
const GATHER_MS = 5;

/** How long a process may be silent before another one takes its lease, in milliseconds. */
export const LEASE_MS = 15_000;
const RENEW_MS = 3_000;

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
  /** An operator may have put parked events back. */
  #mayRetry = true;
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
        this.#connection = await this.sink.connect();
        await this.#waitForLease(this.#connection);
      } catch (error) {
        if (this.#goesOn() && !(error instanceof LeaseLost)) await this.#failed(error);
      }
      await this.#connection?.close();
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

  async #waitForLease(connection: EventConnection): Promise<void> {
    const closed = connection.closed.then((reason) => Promise.reject(reason));
    closed.catch(() => undefined);
    while (this.#goesOn()) {
      const taken = await this.leases.acquire(this.name);
      if (taken) return this.#withLease(taken, connection, closed);
      await Promise.race([this.#pause(RENEW_MS, false), closed]);
    }
  }

  /** Renews the lease as long as it is used. One that may have ended is used no longer. */
  async #withLease(
    { lease, cursor }: TakenLease,
    connection: EventConnection,
    closed: Promise<never>,
  ): Promise<void> {
    let endsMs = this.clock.monotonicMs() + LEASE_MS;
    const renew = async (): Promise<void> => {
      const now = this.clock.monotonicMs();
      try {
        await this.leases.renew(lease);
        endsMs = now + LEASE_MS;
      } catch (error) {
        const isEnding = this.clock.monotonicMs() > endsMs - RENEW_MS;
        if (error instanceof LeaseLost || isEnding) await connection.close();
      }
      this.#mayRetry = true;
    };
    const renewal = setInterval(() => void renew(), RENEW_MS);
    try {
      await Promise.race([this.#read(lease, cursor, connection), closed]);
    } finally {
      clearInterval(renewal);
      await this.leases.release(lease).catch(() => undefined);
    }
  }

  /** Ends with a stop, or with the connection: whatever it then stores or publishes is refused. */
  async #read(lease: Lease, start: Cursor, connection: EventConnection): Promise<void> {
    let cursor = start;
    while (this.#goesOn() && this.#connection === connection) {
      this.#isCalled = false;
      if (this.#mayRetry) await this.#passParked(lease, cursor, connection);
      if (cursor.isAtEnd) cursor = cursor.next(await this.reader.mark(cursor.until));
      const { range } = cursor;
      if (range) {
        const events = await this.reader.read(range, PAGE_EVENTS);
        const last = events.length < PAGE_EVENTS ? undefined : events.at(-1);
        cursor = cursor.readTo(last?.position ?? range.to);
        if (events.length > 0) {
          const parked = await this.#pass(events, connection, cursor);
          await this.leases.save(lease, { cursor, parked, retried: [] });
        }
      }
      this.#succeeded();
      if (cursor.isAtEnd) await this.#pause(GATHER_MS, false);
      if (cursor.isAtEnd && !this.#wasCalled()) await this.#pause(POLL_MS - GATHER_MS, true);
    }
  }

  /** Those that an operator has put back. */
  async #passParked(lease: Lease, cursor: Cursor, connection: EventConnection): Promise<void> {
    const events = await this.leases.toRetry(this.name, PAGE_EVENTS);
    this.#mayRetry = events.length === PAGE_EVENTS;
    if (events.length === 0) return;
    const parked = await this.#pass(events, connection, cursor);
    const retried = events.map(({ position }) => position);
    await this.leases.save(lease, { cursor, parked, retried });
  }

  /** A look ahead, at what comes behind the events that are being passed on. */
  async #following(cursor: Cursor): Promise<readonly JournalEvent[]> {
    const ahead = cursor.isAtEnd ? cursor.next(await this.reader.mark(cursor.until)) : cursor;
    return ahead.range ? this.reader.read(ahead.range, PAGE_EVENTS) : [];
  }

  async #pass(
    events: readonly JournalEvent[],
    connection: EventConnection,
    cursor: Cursor,
  ): Promise<readonly ParkedEvent[]> {
    const following = (): Promise<readonly JournalEvent[]> => this.#following(cursor);
    const parked = await this.#deliver.execute(connection, events, following);
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
