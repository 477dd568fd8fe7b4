import { Logger } from '@nestjs/common';
import type { Clock } from '../../kernel/application/ports.js';
import { type BackOff, backOffMs } from '../../kernel/domain/time/back-off.js';
import { MAX_FAILURES, THREE_DAYS_MS } from '../domain/attempts.js';
import { type JournalEvent, routingKeyOf } from '../domain/journal-event.js';
import type { ParkedEvent } from './ports.js';
import type { Delivery, Publisher } from './reading.js';
import { EventsRefused } from './sink-ports.js';

/** Events of one message, at most. */
export const MESSAGE_EVENTS = 100;

/** Between two tries of one event. */
const PAUSES: BackOff = { firstMs: 50, longestMs: 10_000 };

/** A routing key of which single events are refused. */
interface Streak {
  readonly sinceMs: number;
  /**
   * How many more were refused than taken, at most {@link MAX_FAILURES}: with the pauses between
   * them, that is 23 s. As many must be taken before the key is trusted again.
   */
  readonly excess: number;
}

/** The events that come next. */
export type Following = () => Promise<readonly JournalEvent[]>;

/** How the events of one routing key are passed on. */
interface KeyQueue {
  readonly connection: Publisher;
  readonly following: Following;
  readonly key: string;
}

/**
 * Passes events on, each routing key in its order and one message after another: nothing overtakes
 * an event that is refused, but one that is parked. Keys do not wait for each other.
 *
 * A message that is refused is halved until the event at fault stands alone. That one is tried
 * again, with longer and longer pauses, and then parked. Those behind it that are refused too are
 * parked at once, until more are taken than are refused: a receiver who is full, or takes one now
 * and then, would hold up all others.
 */
export class DeliverEvents {
  readonly #logger = new Logger(DeliverEvents.name);
  readonly #streaks = new Map<string, Streak>();
  /** When the last message of each key was taken. */
  readonly #taken = new Map<string, number>();
  /** Keys that have events left to pass on now. */
  readonly #busy = new Set<string>();

  constructor(private readonly clock: Clock) {}

  /** Page after page: all of it is taken, or to be parked, before the next one is read. */
  pages(connection: Publisher, following: Following): Delivery {
    return {
      pass: async (events) => {
        const parked = await this.execute(connection, events, following);
        return { delivered: events.length - parked.length, parked, waiting: [], settled: [] };
      },
      stop: () => undefined,
    };
  }

  /**
   * Resolves with the events that are to be parked.
   *
   * @param following what comes behind these events: where they are refused, one of another key is
   * tried to learn whether others are taken. It comes again when its turn comes.
   * @throws Error when nothing is taken now.
   */
  async execute(
    connection: Publisher,
    events: readonly JournalEvent[],
    following: Following,
  ): Promise<readonly ParkedEvent[]> {
    const byKey = new Map<string, JournalEvent[]>();
    for (const event of events) {
      const key = routingKeyOf(event);
      const others = byKey.get(key);
      if (others) others.push(event);
      else byKey.set(key, [event]);
    }
    this.#busy.clear();
    for (const key of byKey.keys()) this.#busy.add(key);
    const deliveries = [...byKey].map(async ([key, ofKey]) => {
      const refused = await this.#deliver({ connection, following, key }, ofKey);
      this.#busy.delete(key);
      return refused;
    });
    const parked: ParkedEvent[] = [];
    for (const delivery of await Promise.allSettled(deliveries)) {
      if (delivery.status === 'rejected') throw delivery.reason;
      parked.push(...delivery.value);
    }
    return parked;
  }

  async #deliver(queue: KeyQueue, events: readonly JournalEvent[]): Promise<ParkedEvent[]> {
    const { connection, key } = queue;
    const parked: ParkedEvent[] = [];
    let size = MESSAGE_EVENTS;
    for (let next = 0; next < events.length;) {
      const message = events.slice(next, next + size);
      const refused = await refusalOf(connection, message);
      const [first] = message;
      if (!refused || !first) {
        this.#countTaken(key);
        next += message.length;
        size = Math.min(size * 2, MESSAGE_EVENTS);
      } else if (message.length > 1) {
        size = Math.ceil(message.length / 2);
      } else {
        const streak = this.#countRefused(key, refused);
        if (await this.#mayPark(streak, queue)) {
          parked.push({ position: first.position, reason: refused.message });
          next++;
        } else {
          await pauseAfter(streak);
        }
      }
    }
    return parked;
  }

  #countRefused(key: string, { message }: EventsRefused): Streak {
    const now = this.clock.monotonicMs();
    const { sinceMs, excess } = this.#streaks.get(key) ?? { sinceMs: now, excess: 0 };
    const streak = { sinceMs, excess: Math.min(excess + 1, MAX_FAILURES) };
    this.#streaks.set(key, streak);
    if (streak.excess === MAX_FAILURES && excess < MAX_FAILURES)
      this.#logger.warn(
        `events of ${key} wait in the journal, or are parked where others are taken: ${message}`,
      );
    return streak;
  }

  /** One that is taken now and then does not make its key a good one. */
  #countTaken(key: string): void {
    this.#taken.set(key, this.clock.monotonicMs());
    const streak = this.#streaks.get(key);
    if (!streak) return;
    if (streak.excess <= 1) this.#streaks.delete(key);
    else this.#streaks.set(key, { ...streak, excess: streak.excess - 1 });
  }

  /** Only the event is at fault where others are taken. Where that is not known they are tried. */
  async #mayPark({ sinceMs, excess }: Streak, queue: KeyQueue): Promise<boolean> {
    if (excess < MAX_FAILURES) return false;
    if (this.clock.monotonicMs() - sinceMs >= THREE_DAYS_MS) return true;
    if (this.#othersAreTakenSince(sinceMs, queue)) return true;
    await this.#tryOthers(queue);
    return this.#othersAreTakenSince(sinceMs, queue);
  }

  #othersAreTakenSince(ms: number, { key }: KeyQueue): boolean {
    return [...this.#taken].some(([other, at]) => other !== key && at >= ms);
  }

  /** Tries the next event of each key of which nothing is left before it, until one is taken. */
  async #tryOthers({ connection, following }: KeyQueue): Promise<void> {
    const tried = new Set(this.#busy);
    for (const event of await following()) {
      const key = routingKeyOf(event);
      if (tried.has(key)) continue;
      tried.add(key);
      if (await refusalOf(connection, [event])) continue;
      this.#taken.set(key, this.clock.monotonicMs());
      return;
    }
  }
}

async function pauseAfter({ excess }: Streak): Promise<void> {
  const ms = backOffMs(excess, PAUSES);
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** @returns undefined where the message was taken. */
async function refusalOf(
  connection: Publisher,
  message: readonly JournalEvent[],
): Promise<EventsRefused | undefined> {
  try {
    await connection.publish(message);
    return undefined;
  } catch (error) {
    if (error instanceof EventsRefused) return error;
    throw error;
  }
}
