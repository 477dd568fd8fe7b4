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
  /** What other operators should know of it. */
  readonly note?: string | undefined;
  /** Of an account that was set to what its entries add up to: its sums then, with two decimals. */
  readonly balance?: string;
  readonly withdrawn?: string;
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

/** Why a subscription stands still, and how long it has, in milliseconds. */
export interface Stopped {
  readonly reason: string;
  readonly ms: number;
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
  /** The receiver wants no more events, until an operator resumes it; absent otherwise. */
  readonly stopped?: Stopped | undefined;
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

/** An event that waits behind another one, or for its next try. */
export interface WaitingEvent {
  /** Those of a lane are passed on one after another. */
  readonly lane: number;
  readonly position: bigint;
}

/** What has become of events. */
export interface Progress {
  readonly cursor: Cursor;
  /** In the order of their positions: none of them is parked any more. */
  readonly tried: readonly bigint[];
  /** They could not be passed on. */
  readonly parked: readonly ParkedEvent[];
  /** They wait from now on, though the cursor goes on behind them. */
  readonly waiting: readonly WaitingEvent[];
  /** They had waited, and do not wait any more. */
  readonly settled: readonly WaitingEvent[];
  /** The receiver wants no more events: why. This ends the lease. */
  readonly stopped?: string | undefined;
}

/** How the process that reads on for a subscription keeps others from doing so. */
export abstract class SubscriptionLeases {
  /** @returns undefined while another process has the lease, or the subscription is stopped. */
  abstract acquire(subscription: string): Promise<TakenLease | undefined>;

  /** @throws LeaseLost */
  abstract renew(lease: Lease): Promise<void>;

  /** Stores what has become of events, and renews the lease. @throws LeaseLost */
  abstract save(lease: Lease, progress: Progress): Promise<void>;

  /** Gives the lease back. One that was lost is nothing to give back. */
  abstract release(lease: Lease): Promise<void>;

  /** The first parked events that an operator has put back. */
  abstract toRetry(subscription: string, limit: number): Promise<readonly JournalEvent[]>;

  /** The first events that wait in each of these lanes, at most `limit` of each. */
  abstract waiting(
    subscription: string,
    lanes: readonly number[],
    limit: number,
  ): Promise<readonly { readonly lane: number; readonly event: JournalEvent }[]>;
}

/** Who reads the journal. */
export abstract class SubscriptionRepository {
  /** Stores a new one that begins with `cursor`; one that is there stays as it is. */
  abstract create(name: string, cursor: Cursor): Promise<void>;

  /** @returns undefined where there is none of this name. */
  abstract find(name: string): Promise<{ readonly stopped?: string } | undefined>;

  /** Locks a subscription. @returns undefined where there is none of this name. */
  abstract lock(transaction: Transaction, name: string): Promise<Cursor | undefined>;

  /** Has a locked subscription go on with `cursor`, and ends the lease. */
  abstract restart(transaction: Transaction, name: string, cursor: Cursor): void;

  /**
   * Has a subscription go on that is stopped.
   *
   * @returns how long it was, in milliseconds; undefined where none of this name is stopped.
   */
  abstract resume(transaction: Transaction, name: string): Promise<number | undefined>;

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

/** What the process counts of a subscription. */
export abstract class SubscriptionMetrics {
  abstract delivered(subscription: string, events: number): void;

  abstract parked(subscription: string, events: number): void;
}
