export interface GateSnapshot {
  /** Nobody asks before this moment (milliseconds of the database's clock, as all moments here). */
  readonly pausedUntil?: number | undefined;
  readonly breakerOpen: boolean;
  readonly nextProbeAt?: number | undefined;
  /** The learnt limit, questions per minute; absent where none is in force. */
  readonly ratePerMinute?: number | undefined;
  readonly rateChangedAt?: number | undefined;
  /** Questions that may start at once, as of `refilledAt`. */
  readonly permits: number;
  readonly refilledAt?: number | undefined;
  /** Since when an operator holds the asking; absent where nobody does. */
  readonly heldSince?: number | undefined;
}

/** One probe a second while the breaker is open. */
const PROBE_INTERVAL_MS = 1_000;

/**
 * How the limit is counted elsewhere is not known: by the minute, the second, or a bucket. With
 * this share of it and bursts of a tenth of a second no window of a second or more holds more than
 * its part of the limit, wherever it begins.
 */
const KEPT_SHARE = 0.9;
const BURST_SECONDS = 0.1;

/**
 * After so long without a 429 the learnt rate is tried a little higher; each 429 that this provokes
 * stops all of us for its Retry-After.
 */
const RAISE_INTERVAL_MS = 600_000;
const RAISE_FACTOR = 1.05;

/**
 * A rate that has climbed to this many questions per second limits nobody: the limit is forgotten.
 */
const FORGET_ABOVE_PER_MINUTE = 60 * 5_000;

/**
 * Lets questions to the accrual system through: shared by all replicas, one row in the database, on
 * the database's clock.
 *
 * It knows an operator's hold, the pause after a 429, the learnt limit, and the breaker's probes.
 */
export class AccrualGate {
  private constructor(
    private state: GateSnapshot,
    private readonly now: number,
  ) {}

  /** @param now the database's clock, in milliseconds. */
  static restore(state: GateSnapshot, now: number): AccrualGate {
    return new AccrualGate(state, now);
  }

  snapshot(): GateSnapshot {
    return this.state;
  }

  /** No hold, no pause, no limit, no outage: nothing to count, so nobody needs to lock the row. */
  get isWideOpen(): boolean {
    return (
      !this.isHeld &&
      !this.isPaused &&
      !this.state.breakerOpen &&
      this.state.ratePerMinute === undefined
    );
  }

  get isBreakerOpen(): boolean {
    return this.state.breakerOpen;
  }

  /** What is left of the pause that the accrual system has asked for with 429, in milliseconds. */
  get pausedMs(): number {
    return Math.max(0, (this.state.pausedUntil ?? 0) - this.now);
  }

  get isPaused(): boolean {
    return this.pausedMs > 0;
  }

  /** An operator holds the asking. */
  get isHeld(): boolean {
    return this.state.heldSince !== undefined;
  }

  /** For how long an operator has held the asking, in milliseconds; undefined where nobody does. */
  get heldMs(): number | undefined {
    return this.state.heldSince === undefined ? undefined : this.now - this.state.heldSince;
  }

  /** How many of `wanted` questions may start now. */
  permits(wanted: number): number {
    if (this.isHeld || this.isPaused) return 0;
    if (this.state.breakerOpen)
      return this.now >= (this.state.nextProbeAt ?? 0) ? Math.min(1, wanted) : 0;
    return this.state.ratePerMinute === undefined
      ? wanted
      : Math.min(wanted, Math.floor(this.available(this.state.ratePerMinute)));
  }

  /**
   * How long until a permit may be had, in milliseconds; 0 when one can be had now, infinite while
   * an operator holds the asking.
   */
  get waitMs(): number {
    const { breakerOpen, nextProbeAt = 0, ratePerMinute } = this.state;
    if (this.isHeld) return Infinity;
    if (this.isPaused) return this.pausedMs;
    if (breakerOpen) return Math.max(0, nextProbeAt - this.now);
    if (ratePerMinute === undefined) return 0;
    return Math.max(0, ((1 - this.available(ratePerMinute)) * 60_000) / ratePerMinute);
  }

  /**
   * Spends permits on questions that start now. The next probe does not wait for this one's answer:
   * a system that hangs, and works again meanwhile, would be found out only when the time-out of
   * the probe before is over.
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
   * The accrual system said 429: nobody asks for `pauseMs`, and nobody faster than the rate it
   * named.
   */
  pause(pauseMs: number, ratePerMinute: number | undefined): void {
    const pausedUntil = Math.max(this.state.pausedUntil ?? 0, this.now + pauseMs);
    this.state = { ...this.state, pausedUntil, permits: 0, refilledAt: pausedUntil };
    const rate =
      ratePerMinute === undefined ? this.state.ratePerMinute : ratePerMinute * KEPT_SHARE;
    if (rate !== undefined)
      this.state = { ...this.state, ratePerMinute: rate, rateChangedAt: pausedUntil };
  }

  /** The system is out. */
  openBreaker(): void {
    if (!this.state.breakerOpen)
      this.state = { ...this.state, breakerOpen: true, nextProbeAt: this.now + PROBE_INTERVAL_MS };
  }

  closeBreaker(): void {
    this.state = { ...this.state, breakerOpen: false, nextProbeAt: undefined };
  }

  /**
   * An operator wants nobody to ask until {@link release}, however long that takes; what is learnt
   * meanwhile is kept.
   */
  hold(): void {
    this.state = { ...this.state, heldSince: this.state.heldSince ?? this.now };
  }

  release(): void {
    this.state = { ...this.state, heldSince: undefined };
  }

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
