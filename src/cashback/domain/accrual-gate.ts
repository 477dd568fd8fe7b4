import { type GateSnapshot, possible, PROBE_INTERVAL_MS } from './gate-snapshot.js';
import { REASON_LENGTH } from './task.js';

/**
 * The accrual system may count its limit by the minute, by the second or as a bucket: we do not
 * know. With this share of the limit, and bursts of a tenth of a second, no span of a second or
 * more holds more requests than its part of the limit, wherever it begins (ADR 0008).
 */
const KEPT_SHARE = 0.9;
const BURST_SECONDS = 0.1;

/**
 * After so many milliseconds without a 429 the learnt rate is raised a little. Not sooner: a 429
 * that this provokes stops all replicas for its Retry-After.
 */
const RAISE_INTERVAL_MS = 600_000;
const RAISE_FACTOR = 1.05;

/** A rate that has been raised to 5 000 requests a second is no limit any more: it is forgotten. */
const FORGET_ABOVE_PER_MINUTE = 60 * 5_000;

/**
 * How many requests to the accrual system all replicas together may send now. One row in the
 * database, on the database's clock (ADR 0008).
 *
 * It knows the pause of an operator, the pause after a 429, the learnt limit, and the breaker's
 * probes.
 */
export class AccrualGate {
  private constructor(
    private state: GateSnapshot,
    private readonly now: number,
    /**
     * The database's clock was set back since the gate was stored: its waits begin anew. It must be
     * stored, for otherwise they would begin anew each time it is restored.
     */
    readonly isMended: boolean,
  ) {}

  /** @param now the database's clock, in milliseconds. */
  static restore(state: GateSnapshot, now: number): AccrualGate {
    const mended = possible(state, now);
    return new AccrualGate(mended, now, mended !== state);
  }

  snapshot(): GateSnapshot {
    return this.state;
  }

  /** No pause, no limit, no outage: nothing is counted, so a claim need not lock the row. */
  get isWideOpen(): boolean {
    return (
      !this.isPausedByOperator &&
      !this.isPaused &&
      !this.state.breakerOpen &&
      this.state.ratePerMinute === undefined
    );
  }

  /** The accrual system is out: only probes go through. */
  get isBreakerOpen(): boolean {
    return this.state.breakerOpen;
  }

  /** What is left of the pause after a 429, in milliseconds; 0 where there is none. */
  get pausedMs(): number {
    return Math.max(0, (this.state.pausedUntil ?? 0) - this.now);
  }

  /** A pause after a 429 is not over. */
  get isPaused(): boolean {
    return this.pausedMs > 0;
  }

  /** An operator has paused all requests. */
  get isPausedByOperator(): boolean {
    return this.state.pausedByOperatorSince !== undefined;
  }

  /** How long ago an operator paused all requests, in milliseconds; undefined where none has. */
  get pausedByOperatorMs(): number | undefined {
    return this.state.pausedByOperatorSince === undefined
      ? undefined
      : this.now - this.state.pausedByOperatorSince;
  }

  /** Requests have failed for seconds, and none of any replica was answered. */
  get isUnanswered(): boolean {
    return this.state.unansweredSince !== undefined;
  }

  /** For how long that has been so, in milliseconds; undefined where it is not so. */
  get unansweredMs(): number | undefined {
    return this.state.unansweredSince === undefined
      ? undefined
      : this.now - this.state.unansweredSince;
  }

  /** How many of `wanted` requests may go out now. */
  permits(wanted: number): number {
    if (this.isPausedByOperator || this.isPaused) return 0;
    if (this.state.breakerOpen)
      return this.now >= (this.state.nextProbeAt ?? 0) ? Math.min(1, wanted) : 0;
    return this.state.ratePerMinute === undefined
      ? wanted
      : Math.min(wanted, Math.floor(this.available(this.state.ratePerMinute)));
  }

  /**
   * How long until a request may go out, in milliseconds; 0 when one may now, infinite while an
   * operator has paused all.
   */
  get waitMs(): number {
    const { breakerOpen, nextProbeAt = 0, ratePerMinute } = this.state;
    if (this.isPausedByOperator) return Infinity;
    if (this.isPaused) return this.pausedMs;
    if (breakerOpen) return Math.max(0, nextProbeAt - this.now);
    if (ratePerMinute === undefined) return 0;
    return Math.max(0, ((1 - this.available(ratePerMinute)) * 60_000) / ratePerMinute);
  }

  /**
   * So many requests go out now. The next probe does not wait for the reply to this one: when the
   * system hangs and then works again, that would be noticed a time-out later.
   */
  take(count: number): void {
    if (count === 0) return;
    if (this.state.breakerOpen) {
      this.state = { ...this.state, nextProbeAt: this.now + PROBE_INTERVAL_MS };
    } else if (this.state.ratePerMinute !== undefined) {
      const rate = this.state.ratePerMinute;
      this.state = { ...this.state, permits: this.available(rate) - count, refilledAt: this.now };
      this.raise(rate);
    }
  }

  /**
   * The accrual system said 429: no request goes out for `pauseMs` milliseconds, and then no more
   * than it allows.
   *
   * @param ratePerMinute requests a minute that the reply allows; undefined where it says nothing.
   */
  pause(pauseMs: number, ratePerMinute: number | undefined): void {
    const pausedUntil = Math.max(this.state.pausedUntil ?? 0, this.now + pauseMs);
    this.state = { ...this.state, pausedUntil, permits: 0, refilledAt: pausedUntil };
    const rate =
      ratePerMinute === undefined ? this.state.ratePerMinute : ratePerMinute * KEPT_SHARE;
    if (rate !== undefined)
      this.state = { ...this.state, ratePerMinute: rate, rateChangedAt: pausedUntil };
  }

  /** Requests have failed for `ms` milliseconds, and none was answered. */
  unanswered(ms: number, reason: string): void {
    if (!this.isUnanswered)
      this.state = {
        ...this.state,
        unansweredSince: this.now - ms,
        unansweredReason: reason.slice(0, REASON_LENGTH),
      };
  }

  /** The accrual system is out. */
  openBreaker(): void {
    if (!this.state.breakerOpen)
      this.state = { ...this.state, breakerOpen: true, nextProbeAt: this.now + PROBE_INTERVAL_MS };
  }

  /** A request was answered: the accrual system works. */
  answered(): void {
    this.state = {
      ...this.state,
      breakerOpen: false,
      nextProbeAt: undefined,
      unansweredSince: undefined,
      unansweredReason: undefined,
    };
  }

  /**
   * An operator stops all requests until {@link resumeByOperator}, however long that takes. What is
   * learnt meanwhile of 429s and outages is kept.
   */
  pauseByOperator(): void {
    this.state = {
      ...this.state,
      pausedByOperatorSince: this.state.pausedByOperatorSince ?? this.now,
    };
  }

  resumeByOperator(): void {
    this.state = { ...this.state, pausedByOperatorSince: undefined };
  }

  /** Permits, with those that time has added; no more than a burst. */
  private available(ratePerMinute: number): number {
    const perMs = ratePerMinute / 60_000;
    const refilled =
      this.state.permits + Math.max(0, this.now - (this.state.refilledAt ?? this.now)) * perMs;
    return Math.min(refilled, Math.max(1, perMs * 1_000 * BURST_SECONDS));
  }

  private raise(ratePerMinute: number): void {
    if (this.now - (this.state.rateChangedAt ?? this.now) < RAISE_INTERVAL_MS) return;
    const raised = ratePerMinute * RAISE_FACTOR;
    this.state =
      raised > FORGET_ABOVE_PER_MINUTE
        ? { ...this.state, ratePerMinute: undefined, rateChangedAt: undefined }
        : { ...this.state, ratePerMinute: raised, rateChangedAt: this.now };
  }
}
