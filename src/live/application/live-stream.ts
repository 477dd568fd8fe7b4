import type { Cursor } from '../../journal/index.js';
import type { FeedListener, LiveFeed } from './live-feed.js';
import type { EventReceiver, LiveJournal, LiveMetrics, PlacedEvent } from './ports.js';

/**
 * Where a stream begins: undefined: now; behind what its reader has seen; or now, for a reader who
 * has seen nobody knows what.
 */
export type Start = Cursor | 'unknown' | undefined;

/** Events that a reader catches up with between two looks at whether it takes them. */
const PAGE_EVENTS = 100;

/** What may be heard while the reader catches up: with more it begins again. */
const MAX_HELD = 1_000;

/**
 * One reader of one user's events.
 *
 * - JOINED: it hears of new events and holds them.
 * - CATCHING UP: it reads what its reader has missed before it joined, and holds what is new.
 * - LIVE: what it hears of it sends.
 * - CLOSED: the last state.
 */
export class LiveStream implements FeedListener {
  /** What is held; undefined when it is LIVE. */
  #held: PlacedEvent[] | undefined = [];
  #receiver: EventReceiver | undefined;
  #from: Cursor | undefined;
  #now: Cursor | undefined;
  #isKnown = true;
  #isClosed = false;

  constructor(
    private readonly userId: string,
    private readonly journal: LiveJournal,
    private readonly metrics: LiveMetrics,
    private readonly onClose: () => void,
  ) {}

  /** @throws DatabaseUnavailable */
  async join(feed: LiveFeed, start: Start): Promise<void> {
    this.#from = start === 'unknown' ? undefined : start;
    const { now, isKnown } = await feed.join(this.userId, this.#from, this);
    this.#now = now;
    this.#isKnown = isKnown && start !== 'unknown';
  }

  /** Whether it begins where its reader stood; if not, the reader has missed nobody knows what. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /**
   * Sends from now on. Resolves when the reader has caught up.
   *
   * @throws DatabaseUnavailable
   */
  async sendTo(receiver: EventReceiver): Promise<void> {
    this.#receiver = receiver;
    const now = this.#place();
    if (this.#isKnown && this.#from) await this.#catchUp(this.#from, now, receiver);
    if (this.#isClosed) return;
    // Who leaves before the first event begins here the next time.
    if (this.#isKnown) receiver.remember(now);
    else receiver.gap(this.#place());
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#send(held);
  }

  heard(events: readonly PlacedEvent[]): void {
    if (!this.#held) return this.#send(events);
    this.#held.push(...events);
    if (this.#held.length > MAX_HELD) this.#receiver?.end();
  }

  lost(place: Cursor): void {
    this.#isKnown = false;
    this.#now = place;
    if (this.#held) this.#held = [];
    else this.#receiver?.gap(place);
  }

  #place(): Cursor {
    if (!this.#now) throw new Error('the stream has not joined');
    return this.#now;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#held = [];
    this.onClose();
  }

  /** First the rest of the difference that the reader stands in, then all up to now. */
  async #catchUp(from: Cursor, now: Cursor, receiver: EventReceiver): Promise<void> {
    let cursor = from;
    for (let isLast = false; !isLast || !cursor.isAtEnd;) {
      if (cursor.isAtEnd) {
        cursor = cursor.next(now.until);
        isLast = true;
        continue;
      }
      const range = cursor.rangeOf(cursor.until.top);
      if (!range) break;
      const { events, to } = await this.journal.read(range, [this.userId], PAGE_EVENTS);
      if (this.#isClosed || receiver.isClosed) return;
      const begun = cursor;
      this.#send(events.map((event) => ({ event, place: begun.readTo(event.position) })));
      cursor = cursor.readTo(to);
      await receiver.drained();
    }
  }

  /** What is sent now leaves behind this turn of the event loop: its reader had no time for it. */
  #send(events: readonly PlacedEvent[]): void {
    const receiver = this.#receiver;
    if (events.length > 0 && receiver && !receiver.isClosed && receiver.isTooSlow) {
      this.metrics.cut();
      return receiver.cut();
    }
    for (const placed of events) {
      if (!receiver || receiver.isClosed || this.#isClosed) return;
      if (placed.event.type === 'user_forgotten') return receiver.end();
      receiver.send(placed);
    }
  }
}
