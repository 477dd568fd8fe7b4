import { Injectable, Logger } from '@nestjs/common';
import { Cursor, type Mark } from '../../journal/index.js';
import { type BackOff, backOffMs } from '../../kernel/domain/time/back-off.js';
import { Pause } from '../../kernel/domain/time/pause.js';
import type { LiveEvent } from '../domain/live-event.js';
import { LiveJournal, type PlacedEvent } from './ports.js';

/** How often the journal is looked at where no commit of this process wakes us up, in ms. */
const POLL_MS = 100;

/** And how long a wake-up waits for others, in milliseconds. */
const GATHER_MS = 5;

/** Events that are read at once, at most. */
const PAGE_EVENTS = 1_000;

/**
 * Positions that are searched at once, at most: a transaction that was open when the first stream
 * began may have written anywhere in the journal.
 */
const SLICE_POSITIONS = 1_000_000n;

/** What cannot be read after so many tries is given up: streams have a gap, and go on. */
const MOST_TRIES = 5;

/** After failures. */
const PAUSES: BackOff = { firstMs: 100, longestMs: 2_000 };

/** Who is told of one user's events. */
export interface FeedListener {
  /** The next ones, oldest first. */
  heard(events: readonly PlacedEvent[]): void;

  /** Nobody can tell what comes next, or the database has forgotten it; it goes on from here. */
  lost(place: Cursor): void;
}

/** Since when a listener hears of events. */
export interface Joined {
  /** All that is committed here it does not hear of. */
  readonly now: Cursor;
  /** Whether this database has been where the listener stood before. */
  readonly isKnown: boolean;
}

interface Waiting {
  readonly userId: string;
  readonly from: Cursor | undefined;
  readonly listener: FeedListener;
  readonly resolve: (joined: Joined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads the journal once for all streams of the process, and tells each user's listeners of the
 * user's events. It reads only while somebody listens.
 *
 * One look takes a mark, reads the difference to the mark before, and lets those join who have come
 * before the mark: they hear of what is not seen by it.
 */
@Injectable()
export class LiveFeed {
  readonly #logger = new Logger(LiveFeed.name);
  readonly #listeners = new Map<string, Set<FeedListener>>();
  #waiting: Waiting[] = [];
  #isRunning = false;
  /** Where the last look has got. */
  #cursor: Cursor | undefined;
  /** Of what comes next, while the database answers. */
  #tries = 0;
  #isWoken = false;
  #failures = 0;
  readonly #pause = new Pause();

  constructor(private readonly journal: LiveJournal) {
    journal.onCommit(() => this.#wakeUp());
  }

  /**
   * Resolves when the listener hears of what is committed from then on.
   *
   * @param from where it stood before.
   * @throws DatabaseUnavailable
   */
  join(userId: string, from: Cursor | undefined, listener: FeedListener): Promise<Joined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ userId, from, listener, resolve, reject });
      this.#wakeUp();
      if (!this.#isRunning) void this.#run();
    });
  }

  leave(userId: string, listener: FeedListener): void {
    const listeners = this.#listeners.get(userId);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(userId);
    if (!this.#isNeeded()) this.#pause.look();
  }

  #isNeeded(): boolean {
    return this.#listeners.size > 0 || this.#waiting.length > 0;
  }

  #wakeUp(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    this.#pause.look();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isNeeded()) {
      this.#isWoken = false;
      try {
        await this.#look();
        this.#succeeded();
        await this.#pause.wait(GATHER_MS, () => !this.#isNeeded());
        await this.#pause.wait(POLL_MS - GATHER_MS, () => this.#isWoken || !this.#isNeeded());
      } catch (error) {
        await this.#failed(error);
      }
    }
    this.#cursor = undefined;
    this.#isRunning = false;
  }

  async #look(): Promise<void> {
    const joining = this.#waiting;
    this.#waiting = [];
    try {
      const mark = await this.journal.mark();
      // What the last look could not read to its end.
      if (this.#cursor && this.#tries < MOST_TRIES) this.#cursor = await this.#readOn(this.#cursor);
      this.#cursor = this.#goingOn(mark);
      this.#cursor = await this.#readOn(this.#cursor);
    } catch (error) {
      for (const { reject } of joining) reject(error);
      throw error;
    }
    for (const each of joining) this.#admit(each, this.#cursor);
  }

  #goingOn(mark: Mark): Cursor {
    const cursor = this.#cursor;
    if (cursor?.isAtEnd && isKnownTo(mark, cursor)) return cursor.next(mark);
    const now = Cursor.from(mark);
    if (cursor) {
      const why = cursor.isAtEnd ? 'the database has forgotten' : 'nobody can read';
      this.#logger.warn(`${why} some of the last events: streams have a gap`);
      for (const listener of [...this.#listeners.values()].flatMap((all) => [...all]))
        listener.lost(now);
    }
    return now;
  }

  /** @returns the cursor at its end. */
  async #readOn(begun: Cursor): Promise<Cursor> {
    let cursor = begun;
    while (!cursor.isAtEnd) {
      const range = cursor.rangeOf(SLICE_POSITIONS);
      const users = [...this.#listeners.keys()];
      if (!range || users.length === 0) return cursor.readTo(cursor.until.top);
      this.#tries++;
      const { events, to } = await this.journal.read(range, users, PAGE_EVENTS);
      this.#tries = 0;
      this.#tell(events, cursor);
      cursor = cursor.readTo(to);
      // Should the next page fail, this one is not read again.
      this.#cursor = cursor;
    }
    return cursor;
  }

  #tell(events: readonly LiveEvent[], cursor: Cursor): void {
    const byUser = new Map<string, PlacedEvent[]>();
    for (const event of events) {
      const placed = { event, place: cursor.readTo(event.position) };
      const others = byUser.get(event.userId);
      if (others) others.push(placed);
      else byUser.set(event.userId, [placed]);
    }
    for (const [userId, placed] of byUser)
      for (const listener of [...(this.#listeners.get(userId) ?? [])]) listener.heard(placed);
  }

  #admit({ userId, from, listener, resolve }: Waiting, now: Cursor): void {
    const listeners = this.#listeners.get(userId);
    if (listeners) listeners.add(listener);
    else this.#listeners.set(userId, new Set([listener]));
    resolve({ now, isKnown: from === undefined || isKnownTo(now.until, from) });
  }

  #succeeded(): void {
    if (this.#failures > 0) this.#logger.warn('streams of events go on');
    this.#failures = 0;
  }

  async #failed(error: unknown): Promise<void> {
    const why = error instanceof Error ? error.message : String(error);
    if (this.#failures === 0) this.#logger.warn(`streams of events stand still: ${why}`);
    this.#failures++;
    await this.#pause.wait(
      backOffMs(this.#failures, PAUSES, Math.random()),
      () => !this.#isNeeded(),
    );
  }
}

/** Whether who stands there may go on to this mark: it is of the same database, and later. */
function isKnownTo(mark: Mark, { until }: Cursor): boolean {
  return until.restored === mark.restored && !until.isAheadOf(mark);
}
