import type { JournalEvent } from '../domain/journal-event.js';

/** Somebody to whom events are passed on: a broker, the read model, or a receiver of webhooks. */
export abstract class EventSink {
  /** What its subscription is called. */
  abstract readonly name: string;

  /**
   * The subscription begins with the first event that there is, when somebody is there to take it;
   * otherwise with what is committed from its first start on.
   */
  abstract readonly takesAll: boolean;

  /** It takes one event at a time, and those of one user in their order. */
  readonly isByUser: boolean = false;

  /** Resolves when events can be passed on. @throws Error while they cannot. */
  abstract connect(): Promise<EventConnection>;
}

/** What was read and passed on, or parked: the events of these positions, both included. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint;
  /** There was nothing behind it, a moment ago. */
  readonly isEnd: boolean;
}

export interface EventConnection {
  /** Resolves with the reason when it is closed, by whomever. */
  readonly closed: Promise<Error>;

  /** Whether somebody is there to take events. */
  hasReceiver(): Promise<boolean>;

  /**
   * Resolves when the other side has the events for good.
   *
   * @param events of one routing key, oldest first; a single one where the sink is by user.
   * @throws EventsRefused when it does not take these; SinkStopped when it wants no more; Error
   * when it takes none, above all after the end of the connection.
   */
  publish(events: readonly JournalEvent[]): Promise<void>;

  /** Tells the other side what it has by now, for it to see whether it lacks something. */
  reached(span: Span): Promise<void>;

  /** Never rejects. */
  close(): Promise<void>;
}

/** The other side works, as far as is known, but does not take these events. */
export class EventsRefused extends Error {
  override readonly name = 'EventsRefused';

  /** @param retryAfterMs how long it asks to wait, in milliseconds; undefined: it does not. */
  constructor(
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** The other side wants no more events, until somebody says otherwise. */
export class SinkStopped extends Error {
  override readonly name = 'SinkStopped';
}
