export interface GateSnapshot {
  /**
   * No request goes out before this moment, after a 429. All moments here are milliseconds of the
   * database's clock.
   */
  readonly pausedUntil?: number | undefined;
  readonly breakerOpen: boolean;
  readonly nextProbeAt?: number | undefined;
  /** The learnt limit, requests per minute; absent where none is in force. */
  readonly ratePerMinute?: number | undefined;
  readonly rateChangedAt?: number | undefined;
  /** Requests that may go out at once, as of `refilledAt`; fractions are kept. */
  readonly permits: number;
  readonly refilledAt?: number | undefined;
  /** Since when an operator has paused all requests; absent where none has. */
  readonly pausedByOperatorSince?: number | undefined;
  /** Since when requests have failed and none was answered; absent where that is not so. */
  readonly unansweredSince?: number | undefined;
  /** What those requests met when that was noticed. */
  readonly unansweredReason?: string | undefined;
  /** When all of this was stored; absent where a version did that which does not say. */
  readonly savedAt?: number | undefined;
}

/** A 429 pauses for so long at most, in milliseconds. The next one may say so again. */
export const LONGEST_PAUSE_MS = 3_600_000;

/** While the breaker is open, one probe goes out in so many milliseconds. */
export const PROBE_INTERVAL_MS = 1_000;

/**
 * The snapshot, where the database's clock was not set back since it was stored. Otherwise its
 * moments move back by as much as that shows, so that waits begin anew; and a wait that is longer
 * than any can be is over.
 */
export function possible(state: GateSnapshot, now: number): GateSnapshot {
  const aheadMs = Math.max(0, (state.savedAt ?? now) - now);
  const unlessAfter = (latest: number, moment: number | undefined): number | undefined => {
    if (moment === undefined) return undefined;
    return moment - aheadMs > latest ? now : moment - aheadMs;
  };
  const pausedUntil = unlessAfter(now + LONGEST_PAUSE_MS, state.pausedUntil);
  const endOfPause = Math.max(now, pausedUntil ?? now);
  const moments = {
    pausedUntil,
    nextProbeAt: unlessAfter(now + PROBE_INTERVAL_MS, state.nextProbeAt),
    rateChangedAt: unlessAfter(endOfPause, state.rateChangedAt),
    refilledAt: unlessAfter(endOfPause, state.refilledAt),
    pausedByOperatorSince: unlessAfter(now, state.pausedByOperatorSince),
    unansweredSince: unlessAfter(now, state.unansweredSince),
  };
  const isPossible = Object.entries(moments).every(
    ([name, moment]) => state[name as keyof typeof moments] === moment,
  );
  return isPossible ? state : { ...state, ...moments, savedAt: now };
}
