import { Logger } from '@nestjs/common';
import type { Cursor } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import type { JournalReader } from './ports.js';

/** Events that are read, passed on and remembered together, at most. */
export const PAGE_EVENTS = 2_000;

/**
 * How many events a standby may lack when it becomes the primary. What is read again was mostly
 * passed on already.
 */
const FORGOTTEN_EVENTS = 10_000n;

/** The events from a cursor on, page by page. */
export class JournalPages {
  readonly #logger = new Logger(JournalPages.name);

  constructor(
    private readonly reader: JournalReader,
    /** Behind the last page that was read. */
    public cursor: Cursor,
  ) {}

  /** The next page. It is empty where nothing new was found as far as was searched. */
  async next(): Promise<readonly JournalEvent[]> {
    this.cursor = await this.#goingOn();
    const { range } = this.cursor;
    if (!range) return [];
    const events = await this.reader.read(range, PAGE_EVENTS);
    const last = events.length < PAGE_EVENTS ? undefined : events.at(-1);
    this.cursor = this.cursor.readTo(last?.position ?? range.to);
    return events;
  }

  /** A look at what comes behind the last page; it comes again with the next one. */
  async ahead(): Promise<readonly JournalEvent[]> {
    const { range } = await this.#goingOn();
    return range ? this.reader.read(range, PAGE_EVENTS) : [];
  }

  /** A server that has forgotten what was read, as after a failover, gives out positions again. */
  async #goingOn(): Promise<Cursor> {
    const { cursor } = this;
    if (!cursor.isAtEnd) return cursor;
    const mark = await this.reader.mark();
    if (!cursor.until.isAheadOf(mark)) return cursor.next(mark);
    const { top } = cursor.until;
    const from = top > FORGOTTEN_EVENTS ? top - FORGOTTEN_EVENTS : 1n;
    this.#logger.warn(
      `the database has forgotten some of the last events: they are read again from ${from} on`,
    );
    return cursor.rewind(from).next(mark);
  }
}
