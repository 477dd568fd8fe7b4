import type { Cursor, Mark, Range } from '../../journal/index.js';
import type { LiveEvent } from '../domain/live-event.js';

/** Some events, and how far they were looked for. */
export interface LivePage {
  readonly events: readonly LiveEvent[];
  /** There are no others of the range up to this position. */
  readonly to: bigint;
}

/** The journal, as far as streams of events need it. */
export abstract class LiveJournal {
  /** What is committed now. @throws DatabaseUnavailable */
  abstract mark(): Promise<Mark>;

  /**
   * The next events of these users within the range, ordered by position; no more than `limit`.
   *
   * @throws DatabaseUnavailable
   */
  abstract read(range: Range, users: readonly string[], limit: number): Promise<LivePage>;

  /**
   * Calls `listener` when there may be new events: at once after a commit of this process, never
   * after one of another.
   */
  abstract onCommit(listener: () => void): void;
}

/** An event, and where its reader stands behind it. */
export interface PlacedEvent {
  readonly event: LiveEvent;
  readonly place: Cursor;
}

/** The other end of a stream: a connection. */
export abstract class EventReceiver {
  abstract send(placed: PlacedEvent): void;

  /** Has it remember where it stands, without an event. */
  abstract remember(place: Cursor): void;

  /** Tells it that events may be missing; it goes on from here. */
  abstract gap(place: Cursor): void;

  /** Resolves when it has taken most of what was sent, or is gone. */
  abstract drained(): Promise<void>;

  /** Nobody receives anything any more. */
  abstract readonly isClosed: boolean;

  /** More of what was sent before waits to be taken than a reader may leave. */
  abstract readonly isTooSlow: boolean;

  /** Ends the stream after what was sent. Its client may come again. */
  abstract end(): void;

  /** Ends it at once: its client does not take what is sent. */
  abstract cut(): void;
}

/** What the process counts of its streams. */
export abstract class LiveMetrics {
  abstract opened(): void;

  abstract closed(): void;

  /** A client did not take what was sent. */
  abstract cut(): void;
}
