import type { Fact } from '../domain/fact.js';

/** An event as it came. */
export interface ReceivedEvent {
  /** Its position in the journal; undefined where it has none to be understood. */
  readonly position: string | undefined;
  readonly type: string;
  /** What its JSON text means; the text itself where that is no JSON. */
  readonly content: unknown;
}

/** An event that cannot be stored, and why. */
export interface RefusedEvent {
  readonly event: ReceivedEvent;
  readonly reason: string;
}

export interface ParkedEvent extends ReceivedEvent {
  readonly id: string;
}

/** All events of these positions came before, both included. */
export interface ReceivedSpan {
  readonly from: bigint;
  readonly to: bigint;
  /** There was nothing behind it, a moment before. */
  readonly isEnd: boolean;
}

/** Where it stands after a {@link ReceivedSpan}. */
export interface Progress {
  /** It has everything below this position; what it lacks begins here. */
  readonly next: bigint;
  readonly isCaughtUp: boolean;
}

/** What customers read, built from events alone. */
export abstract class ReadModel {
  /**
   * Stores facts in one commit: of an order or account the highest revision wins, in whatever order
   * and however often they come.
   *
   * @throws OneIsAtFault, DatabaseUnavailable
   */
  abstract store(facts: readonly Fact[]): Promise<void>;

  /**
   * Takes note of how far the journal was read. A span that leaves a gap is none: what lies between
   * is missing, until a span comes that closes it.
   */
  abstract reach(spans: readonly ReceivedSpan[]): Promise<Progress>;

  abstract progress(): Promise<Progress>;

  /** Keeps events that could not be stored, for an operator. What is kept stays as it is. */
  abstract park(refused: readonly RefusedEvent[]): Promise<void>;

  /** How many events are parked. */
  abstract parked(): Promise<number>;

  /** The first parked events that an operator has put back. */
  abstract toRetry(limit: number): Promise<readonly ParkedEvent[]>;

  /** Those are parked no more, but for the refused ones, which wait for an operator again. */
  abstract retried(events: readonly ParkedEvent[], refused: readonly RefusedEvent[]): Promise<void>;
}

/** What the process counts of the read model. */
export abstract class ReadModelMetrics {
  abstract stored(events: number): void;

  abstract parked(events: number): void;
}
