import type { AccrualReply } from './task.js';

/** Requests that may be in flight at once in the beginning. */
const INITIAL = 8;

/**
 * Without answers the window doubles after so long, in milliseconds: a few requests that hang must
 * not hold up all others.
 */
const DOUBLES_EVERY_MS = 250;

/**
 * After so long without a request, in milliseconds, the window is small again: our connections to
 * the system are closed by then.
 */
const FORGOTTEN_AFTER_MS = 30_000;

/**
 * Suspects get this share of the window: 64 requests that hang must not hold every slot for the
 * length of a time-out, again and again.
 */
const SUSPECT_SHARE = 0.5;

/** While the breaker is in doubt, single requests go out, so many milliseconds after each other. */
const DOUBT_INTERVAL_MS = 100;

/**
 * Tasks in hand (their request is in flight, or their resolution is being stored) for each request
 * that may be in flight. With no bound, a slow database would have ever more tasks claimed.
 */
const TASKS_PER_REQUEST = 3;

/**
 * Replies start a claim once this share of the window is free: a claim is a round trip. Slots that
 * become free one by one are used by the claim of the next tick.
 */
const SHARE_PER_CLAIM = 0.25;

/** What the next claim may take. */
export interface FreeSlots {
  /** Requests that may go out now. */
  readonly slots: number;
  /** No more than so many of them for suspects. */
  readonly suspects: number;
  /** The request is to find out whether the accrual system works at all: any task serves. */
  readonly isProbe: boolean;
}

/** What the window must know of a task. */
interface Requested {
  /** The accrual system did not know this number last time, or failed over it. */
  readonly isSuspect: boolean;
}

/**
 * How many requests to the accrual system may go out now, from this process.
 *
 * It counts what is in flight and holds that against
 * - slow start (RFC 5681, 3.1): few requests at first and one more for each answer, which doubles
 *   the window with each round trip. What the system bears is not known before its first 429, and
 *   what is in flight by then arrives after it (ADR 0008);
 * - the pause after a 429, as far as this process knows of it;
 * - the breaker: while it is in doubt, single requests find out whether the system works.
 *
 * What all replicas may do together is counted by the gate in the database. All times are in
 * milliseconds of the monotonic clock.
 */
export class RequestWindow {
  #answers = 0;
  #startedAt = -Infinity;
  #lastRequestAt = -Infinity;

  #pausedUntil = -Infinity;
  #lastProbeAt = -Infinity;

  #tasks = 0;
  #requests = 0;
  #suspectRequests = 0;

  /** The last claim got all the tasks that it could take, so there may be more. */
  #moreIsDue = false;
  #moreSuspectsAreDue = false;

  /** @param limit requests that are never exceeded, however wide the window has become. */
  constructor(
    private readonly limit: number,
    private readonly breaker: { readonly isInDoubt: boolean },
  ) {}

  /** What a claim may take now. */
  free(now: number): FreeSlots {
    const { isInDoubt } = this.breaker;
    return {
      slots: this.pausedMs(now) > 0 ? 0 : this.#unlessProbed(this.#slots(now), now),
      suspects: this.#suspectSlots(now),
      isProbe: isInDoubt,
    };
  }

  /** A claim that began at `now` took these tasks of what was free. */
  claimed(tasks: readonly Requested[], free: FreeSlots, now: number): void {
    const suspects = tasks.filter(({ isSuspect }) => isSuspect).length;
    this.#moreIsDue = tasks.length === free.slots;
    this.#moreSuspectsAreDue = suspects === free.suspects;
    if (free.isProbe) this.#lastProbeAt = now;
  }

  /**
   * Whether the next claim should not wait for the tick: the last one left tasks behind, and enough
   * slots are free again.
   *
   * Neither pause nor doubt counts here, though a claim finds no slot then: the round before it
   * tells the breaker how much time has passed.
   */
  isClaimWorthwhile(now: number): boolean {
    const enough = this.#size(now) * SHARE_PER_CLAIM;
    const someAreDue =
      this.#moreIsDue ||
      (this.#moreSuspectsAreDue && this.#suspectSlots(now) >= enough * SUSPECT_SHARE);
    return someAreDue && this.#slots(now) >= enough;
  }

  /** What is left of the pause, in milliseconds; 0 when there is none. */
  pausedMs(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Another replica was told 429: no request goes out for `ms`. */
  pause(ms: number, now: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
  }

  /** Work on a task begins; it counts until {@link finished}. */
  started(): void {
    this.#tasks++;
  }

  finished(): void {
    this.#tasks--;
  }

  /** A request goes out; it counts until {@link replied}. */
  requested({ isSuspect }: Requested, now: number): void {
    if (now - this.#lastRequestAt > FORGOTTEN_AFTER_MS) this.#restart(now);
    this.#lastRequestAt = now;
    this.#requests++;
    if (isSuspect) this.#suspectRequests++;
  }

  /** The request is over; `reply` is undefined where it was aborted. */
  replied({ isSuspect }: Requested, reply: AccrualReply | undefined, now: number): void {
    this.#requests--;
    if (isSuspect) this.#suspectRequests--;
    if (reply?.kind === 'limited') {
      this.pause(reply.pauseMs, now);
      this.#restart(this.#pausedUntil);
    } else if (reply && reply.kind !== 'fault') {
      this.#answers++;
    }
  }

  /** Requests that may be in flight by slow start. */
  #size(now: number): number {
    if (now - this.#lastRequestAt > FORGOTTEN_AFTER_MS) return Math.min(this.limit, INITIAL);
    const doublings = Math.floor(Math.max(0, now - this.#startedAt) / DOUBLES_EVERY_MS);
    return Math.min(this.limit, (INITIAL + this.#answers) * 2 ** doublings);
  }

  #slots(now: number): number {
    const requests = this.#size(now) - this.#requests;
    const tasks = this.limit * TASKS_PER_REQUEST - this.#tasks;
    return Math.max(0, Math.min(requests, tasks));
  }

  #suspectSlots(now: number): number {
    return Math.max(0, Math.ceil(this.#size(now) * SUSPECT_SHARE) - this.#suspectRequests);
  }

  #unlessProbed(slots: number, now: number): number {
    if (!this.breaker.isInDoubt) return slots;
    return now - this.#lastProbeAt < DOUBT_INTERVAL_MS ? 0 : Math.min(1, slots);
  }

  #restart(now: number): void {
    this.#answers = 0;
    this.#startedAt = now;
  }
}
