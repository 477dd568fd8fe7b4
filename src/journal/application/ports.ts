import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Cursor, Range } from '../domain/cursor.js';
import type { JournalEvent } from '../domain/journal-event.js';
import type { Mark } from '../domain/mark.js';

/** What an operator's command has changed. */
export interface OperatorAction {
  /** The command, such as `queue retry`. */
  readonly action: string;
  /** Who gave it. */
  readonly by: string;
  /** A user's id or an order's number, never a login; absent where the command changes no one. */
  readonly target?: string | undefined;
  /** The id of the user whom it concerns. */
  readonly userId?: string | undefined;
}

/** Where operators' commands leave what they have changed. */
export abstract class OperatorActions {
  /** Has events of them added to the journal, with the commit that makes the change. */
  abstract record(transaction: Transaction, actions: readonly OperatorAction[]): void;
}

export interface EventCount {
  readonly type: string;
  readonly events: number;
}

/** A subscription as operators see it. */
export interface SubscriptionState {
  readonly name: string;
  /** A process has the lease. */
  readonly isRead: boolean;
  /** Events that are not passed on yet, about: positions that were never used count too. */
  readonly backlog: number;
  /** How long the oldest of them has waited, in milliseconds; 0 where there is none. */
  readonly lagMs: number;
  readonly parked: number;
}

export interface JournalStatistics {
  /** Of each type that there is, in alphabetical order. */
  readonly types: readonly EventCount[];
  /** The highest position; absent where the journal is empty. */
  readonly last?: string | undefined;
  /** How long ago the last event happened, in milliseconds; absent where that is not known. */
  readonly lastMs?: number | undefined;
  /** On the disk, with indexes. */
  readonly bytes: number;
  readonly subscriptions: readonly SubscriptionState[];
}

/** An event that is parked, as operators see it. */
export interface ParkedLine {
  readonly subscription: string;
  readonly position: string;
  readonly type: string;
  readonly reason: string;
  /** How long ago it was parked, in milliseconds. */
  readonly parkedMs: number;
  /** An operator has put it back, and it was not tried again yet. */
  readonly isPutBack: boolean;
}

/** What operators see of the journal. */
export abstract class JournalOverview {
  abstract statistics(): Promise<JournalStatistics>;

  /** The first event since this moment; undefined where there is none. */
  abstract firstSince(time: Date): Promise<bigint | undefined>;

  /** Parked events, oldest first. */
  abstract parked(limit: number): Promise<readonly ParkedLine[]>;
}

/** Events that a receiver took and could not use. It keeps them in a database of its own. */
export abstract class EventsParkedElsewhere {
  /** Oldest first. */
  abstract list(limit: number): Promise<readonly ParkedLine[]>;

  /** As {@link SubscriptionRepository.putBack}. */
  abstract putBack(positions: readonly string[] | undefined): Promise<readonly string[]>;
}

/** Reads the events. */
export abstract class JournalReader {
  /**
   * What the database sees of the journal now. Where its newest events came with a dump from
   * another server, a note is made that the ids of transactions up to here mean nothing.
   */
  abstract mark(): Promise<Mark>;

  /** The first `limit` events of the range, ordered by position. */
  abstract read(range: Range, limit: number): Promise<readonly JournalEvent[]>;
}

/** The right to read on for a subscription, which one process has at a time. */
export interface Lease {
  readonly subscription: string;
  /** Rises with each lease: what the holder of an older one stores is refused. */
  readonly fence: string;
}

/** A lease, and how far the holder before has got. */
export interface TakenLease {
  readonly lease: Lease;
  readonly cursor: Cursor;
}

/** Somebody else has the lease by now, or may have it. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** An event that could not be passed on, and why. */
export interface ParkedEvent {
  readonly position: bigint;
  readonly reason: string;
}

/** What has become of events. */
export interface Progress {
  readonly cursor: Cursor;
  /** At least one, in the order of their positions: none of them is parked any more, */
  readonly tried: readonly bigint[];
  /** but those of them that could not be passed on. */
  readonly parked: readonly ParkedEvent[];
}

/** How the process that reads on for a subscription keeps others from doing so. */
export abstract class SubscriptionLeases {
  /** @returns undefined while another process has the lease. */
  abstract acquire(subscription: string): Promise<TakenLease | undefined>;

  /** @throws LeaseLost */
  abstract renew(lease: Lease): Promise<void>;

  /** Stores what has become of events, and renews the lease. @throws LeaseLost */
  abstract save(lease: Lease, progress: Progress): Promise<void>;

  /** Gives the lease back. One that was lost is nothing to give back. */
  abstract release(lease: Lease): Promise<void>;

  /** The first parked events that an operator has put back. */
  abstract toRetry(subscription: string, limit: number): Promise<readonly JournalEvent[]>;
}

/** Who reads the journal. */
export abstract class SubscriptionRepository {
  /** Stores a new one that begins with `cursor`; one that is there stays as it is. */
  abstract create(name: string, cursor: Cursor): Promise<void>;

  abstract exists(name: string): Promise<boolean>;

  /** Locks a subscription. @returns undefined where there is none of this name. */
  abstract lock(transaction: Transaction, name: string): Promise<Cursor | undefined>;

  /** Has a locked subscription go on with `cursor`, and ends the lease. */
  abstract restart(transaction: Transaction, name: string, cursor: Cursor): void;

  /**
   * Has parked events tried again.
   *
   * @param positions absent: all.
   * @returns the positions of those that were parked, and not put back yet.
   */
  abstract putBack(
    transaction: Transaction,
    positions: readonly string[] | undefined,
  ): Promise<readonly string[]>;
}

/** Somebody outside to whom events are passed on: a broker. */
export abstract class EventSink {
  /** What its subscription is called. */
  abstract readonly name: string;

  /**
   * The subscription begins with the first event that there is, when somebody is there to take it;
   * otherwise with what is committed from its first start on.
   */
  abstract readonly takesAll: boolean;

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
   * @param events of one routing key, oldest first.
   * @throws EventsRefused when it does not take these; Error when it takes none, above all after
   * the end of the connection.
   */
  publish(events: readonly JournalEvent[]): Promise<void>;

  /** Tells the other side what it has by now, for it to see whether it lacks something. */
  reached(span: Span): Promise<void>;

  /** Never rejects. */
  close(): Promise<void>;
}

/** The other side works, but does not take these events. */
export class EventsRefused extends Error {
  override readonly name = 'EventsRefused';
}

/** What the process counts of a subscription. */
export abstract class SubscriptionMetrics {
  abstract delivered(subscription: string, events: number): void;

  abstract parked(subscription: string, events: number): void;
}
