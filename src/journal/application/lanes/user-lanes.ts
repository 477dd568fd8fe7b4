import { Logger } from '@nestjs/common';
import type { Clock } from '../../../kernel/application/ports.js';
import { ReceiverRecord } from '../../domain/attempts.js';
import { type JournalEvent, laneOf, LANES } from '../../domain/journal-event.js';
import type { ParkedEvent, SubscriptionLeases, WaitingEvent } from '../ports.js';
import type { Delivery, Passed, Publisher } from '../reading.js';
import { SinkStopped } from '../sink-ports.js';
import { Lane, LANE_EVENTS, type LaneEvent, type Lanes } from './lane.js';

/** How long the other lanes are waited for when one is free, in milliseconds. */
const SET_ASIDE_MS = 200;

/** And when everything is to end: whoever has not answered by then gets the event again. */
const END_MS = 2_000;

/** Where events wait that are set aside. */
export interface WaitingEvents {
  /** As {@link SubscriptionLeases.waiting}. */
  waiting(lanes: readonly number[], limit: number): ReturnType<SubscriptionLeases['waiting']>;
}

/**
 * Passes events on one by one: those of a user in their order, those of different lanes side by
 * side. A lane waits for its first event until that is taken, or parked (domain/attempts.ts). So a
 * slow or failing event holds up the users of its lane and nobody else.
 *
 * A page is waited for as long as all lanes have something to do, or almost. Where one has nothing
 * left, what the others have not settled is _set aside_: it is stored that these events wait, the
 * cursor goes on, and the lanes send them when they can. While nothing gets through all lanes have
 * something to do, so nothing more is read.
 */
export class UserLanes implements Delivery, Lanes {
  readonly #logger = new Logger(UserLanes.name);
  readonly receiver = new ReceiverRecord();
  readonly #lanes: readonly Lane[];
  /** Of the page under way, those of lanes that had nothing else to do. */
  readonly #prompt = new Set<LaneEvent>();
  #settled: LaneEvent[] = [];
  #parked: ParkedEvent[] = [];
  #delivered = 0;
  #isEnding = false;
  #stopped: string | undefined;
  #failure: Error | undefined;
  #isSaid = false;
  #timer: NodeJS.Timeout | undefined;
  #isOverdue = false;
  #check: () => void = () => undefined;

  constructor(
    private readonly name: string,
    private readonly publisher: Publisher,
    private readonly store: WaitingEvents,
    private readonly clock: Clock,
  ) {
    this.#lanes = Array.from({ length: LANES }, (_, number) => new Lane(number, this, clock));
  }

  get isEnding(): boolean {
    return this.#isEnding;
  }

  async pass(events: readonly JournalEvent[]): Promise<Passed> {
    await this.#refill();
    const free = new Set(this.#lanes.filter((lane) => lane.isFree && !lane.isToBeRefilled));
    const given = events.map((event) => {
      const lane = this.#laneOf(event);
      const entry = lane.add(event);
      if (free.has(lane)) this.#prompt.add(entry);
      return entry;
    });
    await this.#untilReadOn();
    if (this.#failure) throw this.#failure;
    const aside = given.filter(({ isSettled }) => !isSettled);
    for (const entry of aside) entry.isStored = true;
    const passed = {
      delivered: this.#delivered,
      parked: this.#parked,
      waiting: aside.map(waitingOf),
      settled: this.#settled.map(waitingOf),
      stopped: this.#stopped,
    };
    [this.#delivered, this.#parked, this.#settled] = [0, [], []];
    return passed;
  }

  stop(): void {
    this.#end();
  }

  async publish(event: JournalEvent): Promise<void> {
    await this.publisher.publish([event]);
  }

  taken(entry: LaneEvent): void {
    this.#delivered++;
    const isOutageOver = this.receiver.take(this.clock.monotonicMs());
    if (isOutageOver) for (const lane of this.#lanes) lane.tryAgain();
    this.#settle(entry);
  }

  refused({ event: { position } }: LaneEvent, why: string): void {
    if (!this.#isSaid)
      this.#logger.warn(
        `${this.name}: event ${position} was not taken, and is tried again: ${why}`,
      );
    this.#isSaid = true;
    if (this.#isEnding) this.#check();
  }

  parked(entry: LaneEvent, reason: string, failures: number): void {
    const { position } = entry.event;
    this.#logger.warn(
      `${this.name}: event ${position} is parked after ${failures} failures: ${reason}`,
    );
    this.#parked.push({ position, reason });
    this.#settle(entry);
  }

  failed(error: unknown): void {
    if (error instanceof SinkStopped) this.#stopped ??= error.message;
    else this.#failure ??= error as Error;
    this.#end();
  }

  #laneOf(event: JournalEvent): Lane {
    const lane = this.#lanes[laneOf(event)];
    if (!lane) throw new Error(`there is no lane for event ${event.position}`);
    return lane;
  }

  /** What is settled and not saved yet still stands in the database. */
  async #refill(): Promise<void> {
    const empty = this.#lanes.filter((lane) => lane.isToBeRefilled);
    if (empty.length === 0 || this.#isEnding) return;
    const numbers = empty.map(({ number }) => number);
    const found = await this.store.waiting(numbers, LANE_EVENTS);
    const unsaved = new Set(this.#settled.map(({ event }) => event.position));
    for (const each of empty) {
      const ofLane = found.filter(({ lane }) => lane === each.number);
      const events = ofLane.map(({ event }) => event);
      each.refill(
        events.filter(({ position }) => !unsaved.has(position)),
        events.length >= LANE_EVENTS,
      );
    }
  }

  #settle(entry: LaneEvent): void {
    this.#prompt.delete(entry);
    if (entry.isStored) this.#settled.push(entry);
    if (this.#isSaid && !this.#lanes.some(({ isFailing }) => isFailing)) {
      this.#isSaid = false;
      this.#logger.warn(`${this.name}: no event is being tried again any more`);
    }
    this.#check();
  }

  #end(): void {
    this.#isEnding = true;
    for (const lane of this.#lanes) lane.end();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isOverdue = false;
    this.#check();
  }

  async #untilReadOn(): Promise<void> {
    this.#isOverdue = false;
    await new Promise<void>((resolve) => {
      this.#check = () => {
        if (this.#mayReadOn()) resolve();
        else this.#limitWait();
      };
      this.#check();
    });
    this.#check = () => undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#prompt.clear();
  }

  #mayReadOn(): boolean {
    if (this.#failure) return true;
    if (this.#isEnding) return this.#isOverdue || !this.#lanes.some(({ isSending }) => isSending);
    if (this.#lanes.some(({ isToBeRefilled }) => isToBeRefilled)) return true;
    if (!this.#isSomeFree()) return this.#parked.length > 0;
    return this.#isOverdue || this.#prompt.size === 0;
  }

  #isSomeFree(): boolean {
    return this.#lanes.some(({ isFree }) => isFree);
  }

  #limitWait(): void {
    if (this.#timer || (!this.#isEnding && !this.#isSomeFree())) return;
    this.#timer = setTimeout(
      () => {
        this.#isOverdue = true;
        this.#check();
      },
      this.#isEnding ? END_MS : SET_ASIDE_MS,
    );
  }
}

function waitingOf({ lane, event: { position } }: LaneEvent): WaitingEvent {
  return { lane, position };
}
