import { backOffMs } from '../../kernel/domain/time/back-off.js';

/** Failures of one event before it is parked. Also in ADR 0038, 0046 and docs/operations.md. */
export const MAX_FAILURES = 10;

/** While nothing at all gets through nothing is parked for so long, in milliseconds. */
export const THREE_DAYS_MS = 3 * 24 * 60 * 60_000;

/** Nothing has got through for so long, and something has failed: that is an outage. */
const OUTAGE_MS = 3_000;

/** Between two tries of one event, in milliseconds. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** The second try comes within 5 s, whatever the receiver asks for. */
const LONGEST_FIRST_PAUSE_MS = 4_000;

/** What a receiver has done with the events of all users. Times are in milliseconds. */
export class ReceiverRecord {
  /** Events that got through so far. */
  #taken = 0;
  /** The first failure since the last one that got through. */
  #failingSinceMs: number | undefined;

  get taken(): number {
    return this.#taken;
  }

  /** @returns whether this ends an outage: then whatever waits for its next try may go at once. */
  take(nowMs: number): boolean {
    const isOutage = this.failingMs(nowMs) >= OUTAGE_MS;
    this.#taken++;
    this.#failingSinceMs = undefined;
    return isOutage;
  }

  fail(nowMs: number): void {
    this.#failingSinceMs ??= nowMs;
  }

  /** How long nothing has got through while something failed. */
  failingMs(nowMs: number): number {
    return nowMs - (this.#failingSinceMs ?? nowMs);
  }
}

/** The tries of one event. Only failures while others got through tell that it is at fault. */
export class Attempts {
  #failures = 0;
  /** The first one, and those between which something else got through. */
  #own = 0;
  #takenBefore: number;

  constructor(private readonly receiver: ReceiverRecord) {
    this.#takenBefore = receiver.taken;
  }

  get failures(): number {
    return this.#failures;
  }

  /** As far as is known it fails because everything does. */
  get isOfOutage(): boolean {
    return this.#own <= 1;
  }

  fail(nowMs: number): void {
    this.receiver.fail(nowMs);
    this.#failures++;
    if (this.#own === 0 || this.receiver.taken > this.#takenBefore) this.#own++;
    this.#takenBefore = this.receiver.taken;
  }

  /** To be parked, so that what waits behind it goes on. */
  isHopeless(nowMs: number): boolean {
    if (this.#own >= MAX_FAILURES) return true;
    return this.#failures >= MAX_FAILURES && this.receiver.failingMs(nowMs) >= THREE_DAYS_MS;
  }

  /**
   * Until the next try, in milliseconds.
   *
   * @param askedMs what the receiver asks for, if it does.
   * @param random from 0 to 1: those that failed together are not tried together.
   */
  pauseMs(askedMs: number, random: number): number {
    const longest = this.#failures <= 1 ? LONGEST_FIRST_PAUSE_MS : LONGEST_PAUSE_MS;
    const pauses = { firstMs: FIRST_PAUSE_MS, longestMs: longest };
    const own = backOffMs(this.#failures, pauses, random);
    return Math.max(own, Math.min(askedMs, longest));
  }
}
