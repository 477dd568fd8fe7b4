import type { Clock } from '../../../kernel/application/ports.js';
import { Pause } from '../../../kernel/domain/time/pause.js';
import { Attempts, type ReceiverRecord } from '../../domain/attempts.js';
import type { JournalEvent } from '../../domain/journal-event.js';
import { EventsRefused } from '../sink-ports.js';

/** Events of a lane that are kept in memory, at most: the database has the others. */
export const LANE_EVENTS = 2_000;

/** An event on its lane. */
export interface LaneEvent {
  readonly lane: number;
  readonly event: JournalEvent;
  /** The database knows that it waits. */
  isStored: boolean;
  /** It was taken, or is to be parked. */
  isSettled: boolean;
}

/** What a lane shares with the others. */
export interface Lanes {
  readonly receiver: ReceiverRecord;
  /** Nothing more is to be sent. */
  readonly isEnding: boolean;
  publish(event: JournalEvent): Promise<void>;
  taken(entry: LaneEvent): void;
  refused(entry: LaneEvent, why: string): void;
  parked(entry: LaneEvent, why: string, failures: number): void;
  /** Nothing can be sent any more. */
  failed(error: unknown): void;
}

/** Sends the events of some users one after another: the next when the one before is settled. */
export class Lane {
  readonly #queue: LaneEvent[] = [];
  /** The database has events for it that are not in memory. After a start nobody knows. */
  #isBehind = true;
  #isRunning = false;
  #isSending = false;
  /** Those of the first event. */
  #attempts: Attempts | undefined;
  readonly #pause = new Pause();
  /** Since the last failure. */
  #isOutageOver = false;

  constructor(
    readonly number: number,
    private readonly lanes: Lanes,
    private readonly clock: Clock,
  ) {}

  /** It has nothing left in memory. */
  get isFree(): boolean {
    return this.#queue.length === 0;
  }

  /** It has nothing left in memory, and the database may have more. */
  get isToBeRefilled(): boolean {
    return this.isFree && this.#isBehind;
  }

  get isSending(): boolean {
    return this.#isSending;
  }

  get isFailing(): boolean {
    return (this.#attempts?.failures ?? 0) > 0;
  }

  /** Behind those that it has. What it cannot hold waits in the database alone. */
  add(event: JournalEvent): LaneEvent {
    const entry = { lane: this.number, event, isStored: false, isSettled: false };
    if (this.#queue.length >= LANE_EVENTS) this.#isBehind = true;
    if (!this.#isBehind) this.#push([entry]);
    return entry;
  }

  /** @param isBehind whether the database has more. */
  refill(events: readonly JournalEvent[], isBehind: boolean): void {
    this.#isBehind = isBehind;
    this.#push(
      events.map((event) => ({ lane: this.number, event, isStored: true, isSettled: false })),
    );
  }

  /** An outage is over: what failed because of it is tried at once. */
  tryAgain(): void {
    this.#isOutageOver = this.#attempts?.isOfOutage === true;
    this.#pause.look();
  }

  end(): void {
    this.#pause.look();
  }

  #push(entries: readonly LaneEvent[]): void {
    this.#queue.push(...entries);
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let [first] = this.#queue; first && !this.lanes.isEnding; [first] = this.#queue)
      await this.#send(first);
    this.#isRunning = false;
  }

  async #send(entry: LaneEvent): Promise<void> {
    const attempts = (this.#attempts ??= new Attempts(this.lanes.receiver));
    const refused = await this.#refusalOf(entry.event);
    if (refused === 'failed') return;
    if (refused === undefined) {
      this.#settle(entry);
      this.lanes.taken(entry);
      return;
    }
    const now = this.clock.monotonicMs();
    attempts.fail(now);
    this.lanes.refused(entry, refused.message);
    if (attempts.isHopeless(now)) {
      this.#settle(entry);
      this.lanes.parked(entry, refused.message, attempts.failures);
    } else {
      const { retryAfterMs } = refused;
      this.#isOutageOver = false;
      // Where the receiver asked for a pause nothing but a stop ends it early.
      await this.#pause.wait(
        attempts.pauseMs(retryAfterMs ?? 0, Math.random()),
        () => this.lanes.isEnding || (retryAfterMs === undefined && this.#isOutageOver),
      );
    }
  }

  async #refusalOf(event: JournalEvent): Promise<EventsRefused | 'failed' | undefined> {
    this.#isSending = true;
    try {
      await this.lanes.publish(event);
      return undefined;
    } catch (error) {
      if (error instanceof EventsRefused) return error;
      this.#isSending = false;
      this.lanes.failed(error);
      return 'failed';
    } finally {
      this.#isSending = false;
    }
  }

  #settle(entry: LaneEvent): void {
    this.#queue.shift();
    this.#attempts = undefined;
    entry.isSettled = true;
  }
}
