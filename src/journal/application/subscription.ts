import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/application/ports.js';
import { type BackOff, backOffMs } from '../../kernel/domain/time/back-off.js';
import { Cursor } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import { DeliverEvents } from './deliver-events.js';
import { HeldLease, RENEW_MS } from './held-lease.js';
import { JournalPages } from './journal-pages.js';
import { UserLanes } from './lanes/user-lanes.js';
import {
  type JournalReader,
  LeaseLost,
  type SubscriptionLeases,
  type SubscriptionMetrics,
  type SubscriptionRepository,
} from './ports.js';
import { type Delivery, Pauses, Reading } from './reading.js';
import type { EventConnection, EventSink } from './sink-ports.js';

/** After failures. */
const PAUSES: BackOff = { firstMs: 100, longestMs: 5_000 };

/**
 * Passes the events of the journal on to a sink: each at least once, those of an account in their
 * order.
 *
 * - DISCONNECTED: the sink cannot be reached; it is tried again, with longer and longer pauses.
 * - WAITING: the sink is there, but another process has the lease, or nobody takes events.
 * - STOPPED: the receiver wants no more events, until an operator resumes the subscription.
 * - IDLE: we have the lease, and everything has been passed on that was seen. The next look is
 *   taken when a commit of this process wakes us up, or after a pause.
 * - DELIVERING: a page is with the sink. Then the cursor is stored, under the fence of the lease.
 * - ENDED: the last state, after the page that was under way.
 *
 * Whatever fails leads to DISCONNECTED: what was passed on and not stored is passed on again.
 */
export class Subscription {
  readonly #logger = new Logger(Subscription.name);
  readonly #deliver: DeliverEvents;
  readonly #pauses = new Pauses();
  #running: Promise<void> = Promise.resolve();
  #connection: EventConnection | undefined;
  #reading: Reading | undefined;
  #hasBegun = false;
  #failures = 0;
  /** Why the last try has failed. */
  #reason: string | undefined;
  #isStopped = false;

  constructor(
    private readonly sink: EventSink,
    private readonly reader: JournalReader,
    private readonly subscriptions: Pick<SubscriptionRepository, 'create' | 'find'>,
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
    this.#pauses.wakeUp();
  }

  /** Resolves when the page under way has been passed on, and the lease is given back. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    this.#reading?.stop();
    await this.#running;
  }

  /** Ends the page that a stop waits for. */
  async abandon(): Promise<void> {
    await this.#connection?.close();
  }

  // A method, because the compiler believes that a field which was tested stays so after an await.
  #goesOn(): boolean {
    return !this.#pauses.isStopping;
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
    this.#failures++;
    await this.#pauses.pause(backOffMs(this.#failures, PAUSES, Math.random()), false);
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
        if (held) break;
        this.#succeeded();
        await this.#pauses.pause(RENEW_MS, false);
      }
      if (held) await Promise.race([this.#read(held, connection), closed, failWith(held.lost)]);
    } finally {
      this.#connection = undefined;
      this.#reading?.stop();
      this.#reading = undefined;
      await connection.close();
      await held?.release();
    }
  }

  async #acquire(connection: EventConnection): Promise<HeldLease | undefined> {
    const found = await this.subscriptions.find(this.name);
    if (!found) {
      if (!(await connection.hasReceiver())) return undefined;
      await this.#begin();
    }
    this.#sayWhetherStopped(found?.stopped);
    return HeldLease.acquire(this.name, this.leases, this.clock);
  }

  #sayWhetherStopped(reason: string | undefined): void {
    const isStopped = reason !== undefined;
    if (isStopped && !this.#isStopped)
      this.#logger.error(
        `${this.name}: stopped, ${reason}; npm run journal -- resume ${this.name} lets it go on`,
      );
    if (!isStopped && this.#isStopped) this.#logger.warn(`${this.name}: resumed`);
    this.#isStopped = isStopped;
  }

  /** Ends with the connection at the latest: what it then publishes or stores is refused. */
  async #read(held: HeldLease, connection: EventConnection): Promise<void> {
    const pages = new JournalPages(this.reader, held.cursor);
    const { name, leases, metrics, clock } = this;
    const whileHeld = {
      publish: async (message: readonly JournalEvent[]): Promise<void> => {
        held.assertHeld();
        await connection.publish(message);
      },
    };
    const delivery: Delivery = this.sink.isByUser
      ? new UserLanes(
          name,
          whileHeld,
          { waiting: (lanes, limit) => leases.waiting(name, lanes, limit) },
          clock,
        )
      : this.#deliver.pages(whileHeld, () => pages.ahead());
    this.#reading = new Reading({
      ...{ name, held, connection, pages, delivery, leases, metrics, clock },
      pauses: this.#pauses,
      succeeded: () => this.#succeeded(),
    });
    await this.#reading.run(() => this.#goesOn() && this.#connection === connection);
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
