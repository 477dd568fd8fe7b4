import { describe, expect, it } from '@jest/globals';
import { AccrualGate } from './accrual-gate.js';
import type { GateSnapshot } from './gate-snapshot.js';

const OPEN: GateSnapshot = { breakerOpen: false, permits: 0 };
const NOW = 1_000_000;

const gateAt = (now: number, state: Partial<GateSnapshot> = {}): AccrualGate =>
  AccrualGate.restore({ ...OPEN, ...state }, now);

/** The same gate, `ms` later. */
const later = (gate: AccrualGate, now: number): AccrualGate =>
  AccrualGate.restore(gate.snapshot(), now);

describe(`${AccrualGate.name} after a 429`, () => {
  it('lets all requests through at first', () => {
    const gate = gateAt(NOW);
    expect(gate).toMatchObject({ isWideOpen: true, waitMs: 0, isBreakerOpen: false });
    expect(gate.permits(64)).toBe(64);
    gate.take(64);
    expect(gate.snapshot()).toEqual(OPEN);
  });

  it('lets no request through until the pause is over', () => {
    const gate = gateAt(NOW);
    gate.pause(60_000, undefined);
    expect(gate).toMatchObject({ isWideOpen: false, waitMs: 60_000 });
    expect(gate.permits(64)).toBe(0);
    expect(later(gate, NOW + 59_999)).toMatchObject({ isWideOpen: false, waitMs: 1 });
    expect(later(gate, NOW + 59_999).permits(64)).toBe(0);
    expect(later(gate, NOW + 60_000)).toMatchObject({ isWideOpen: true, waitMs: 0 });
    expect(later(gate, NOW + 60_000).permits(64)).toBe(64);
  });

  it('keeps the longer pause when a second 429 comes', () => {
    const gate = gateAt(NOW);
    gate.pause(60_000, undefined);
    gate.pause(1_000, undefined);
    expect(gate.waitMs).toBe(60_000);
    gate.pause(61_000, undefined);
    expect(gate.waitMs).toBe(61_000);
  });

  it('lets no probe through in the pause either', () => {
    const gate = gateAt(NOW, { breakerOpen: true, nextProbeAt: NOW });
    gate.pause(1_000, undefined);
    expect(gate.permits(1)).toBe(0);
    expect(gate.waitMs).toBe(1_000);
  });

  it('learns the rate and keeps below it', () => {
    const gate = gateAt(NOW);
    gate.pause(1_000, 1_200);
    expect(gate.snapshot()).toMatchObject({
      ratePerMinute: 1_080,
      rateChangedAt: NOW + 1_000,
      permits: 0,
    });
    const open = later(gate, NOW + 1_000);
    expect(open.isWideOpen).toBe(false);
    expect(open.permits(64)).toBe(0);
    expect(later(gate, NOW + 1_060).permits(64)).toBe(1);
  });

  it('keeps the rate it knows when a 429 names none, and dates it anew', () => {
    const gate = gateAt(NOW, {
      ratePerMinute: 600,
      rateChangedAt: NOW - 59_000,
      permits: 9,
      refilledAt: NOW,
    });
    gate.pause(1_000, undefined);
    expect(gate.snapshot()).toMatchObject({
      ratePerMinute: 600,
      rateChangedAt: NOW + 1_000,
      permits: 0,
      refilledAt: NOW + 1_000,
    });
  });
});

describe(`${AccrualGate.name} in an outage`, () => {
  it('lets one probe through a second', () => {
    const gate = gateAt(NOW);
    gate.openBreaker();
    expect(gate).toMatchObject({ isBreakerOpen: true, isWideOpen: false, waitMs: 1_000 });
    expect(gate.permits(64)).toBe(0);
    expect(later(gate, NOW + 999).permits(64)).toBe(0);
    expect(later(gate, NOW + 1_000).permits(64)).toBe(1);
    expect(later(gate, NOW + 1_000).permits(0)).toBe(0);
  });

  it('sends the next probe a second after the last one, answered or not', () => {
    const gate = gateAt(NOW, { breakerOpen: true, nextProbeAt: NOW });
    gate.take(1);
    expect(gate.permits(64)).toBe(0);
    expect(gate.waitMs).toBe(1_000);
    const toldAgain = later(gate, NOW + 200);
    toldAgain.openBreaker();
    expect(toldAgain.waitMs).toBe(800);
  });

  it('keeps the probe for which there was no task', () => {
    const gate = gateAt(NOW, { breakerOpen: true, nextProbeAt: NOW });
    gate.take(0);
    expect(gate.permits(64)).toBe(1);
  });

  it('lets all requests through when it closes, up to the learnt rate', () => {
    const gate = gateAt(NOW, { breakerOpen: true, nextProbeAt: NOW + 500 });
    gate.answered();
    expect(gate).toMatchObject({ isWideOpen: true, isBreakerOpen: false });
    const limited = gateAt(NOW, {
      breakerOpen: true,
      nextProbeAt: NOW,
      ratePerMinute: 60,
      rateChangedAt: NOW,
      refilledAt: NOW,
    });
    limited.answered();
    expect(limited.permits(64)).toBe(0);
  });
});

describe(`${AccrualGate.name} while no request is answered`, () => {
  it('knows since when, and why, until one is', () => {
    const gate = gateAt(NOW);
    gate.unanswered(3_000, 'status 500');
    later(gate, NOW + 5_000).unanswered(1, 'another');
    expect(later(gate, NOW + 5_000)).toMatchObject({ isUnanswered: true, unansweredMs: 8_000 });
    expect(gate.snapshot().unansweredReason).toBe('status 500');
    expect(gate).toMatchObject({ isWideOpen: true });
    gate.answered();
    expect(gate).toMatchObject({ isUnanswered: false, unansweredMs: undefined });
    expect(gate.snapshot().unansweredReason).toBeUndefined();
  });

  it('keeps as much of the reason as there is room for', () => {
    const gate = gateAt(NOW);
    gate.unanswered(0, 'x'.repeat(10_000));
    expect(gate.snapshot().unansweredReason).toHaveLength(500);
  });
});

describe(`${AccrualGate.name} paused by an operator`, () => {
  it('lets no request through until it is resumed, however long that takes', () => {
    const gate = gateAt(NOW);
    gate.pauseByOperator();
    for (const at of [NOW, NOW + 30 * 24 * 3_600_000]) {
      expect(later(gate, at)).toMatchObject({
        isWideOpen: false,
        isPausedByOperator: true,
        waitMs: Infinity,
        pausedByOperatorMs: at - NOW,
      });
      expect(later(gate, at).permits(64)).toBe(0);
    }
    gate.resumeByOperator();
    expect(gate).toMatchObject({
      isWideOpen: true,
      isPausedByOperator: false,
      waitMs: 0,
      pausedByOperatorMs: undefined,
    });
    expect(gate.permits(64)).toBe(64);
  });

  it('is paused since the first time', () => {
    const gate = gateAt(NOW);
    gate.pauseByOperator();
    const again = later(gate, NOW + 1_000);
    again.pauseByOperator();
    expect(again.snapshot().pausedByOperatorSince).toBe(NOW);
  });

  it.each<[string, Partial<GateSnapshot>]>([
    ['a probe', { breakerOpen: true, nextProbeAt: NOW }],
    ['a permit', { ratePerMinute: 600, rateChangedAt: NOW, permits: 5, refilledAt: NOW }],
  ])('does not let %s through', (_, state) => {
    const gate = gateAt(NOW, state);
    gate.pauseByOperator();
    expect(gate.permits(1)).toBe(0);
    gate.resumeByOperator();
    expect(gate.permits(1)).toBe(1);
  });

  it('keeps what is learnt meanwhile, and is not ended by it', () => {
    const gate = gateAt(NOW);
    gate.pauseByOperator();
    gate.pause(60_000, 1_200);
    gate.openBreaker();
    gate.answered();
    expect(gate.isPausedByOperator).toBe(true);
    gate.resumeByOperator();
    expect(gate).toMatchObject({ isPaused: true, waitMs: 60_000 });
    expect(gate.snapshot()).toMatchObject({ ratePerMinute: 1_080 });
  });
});

describe(`${AccrualGate.name} after the clock was set back`, () => {
  const HOUR = 3_600_000;
  const STORED = NOW + HOUR;
  /** The gate as it was stored before that, and as it is restored afterwards. */
  const restored = (state: Partial<GateSnapshot>, savedAt?: number): AccrualGate =>
    AccrualGate.restore({ ...OPEN, savedAt, ...state }, NOW);

  it('pauses for as long as it was told', () => {
    const gate = restored({ pausedUntil: STORED + 60_000 }, STORED);
    expect(gate).toMatchObject({ isMended: true, waitMs: 60_000 });
    expect(later(gate, NOW + 1)).toMatchObject({ isMended: false, waitMs: 59_999 });
  });

  it('probes within a second', () => {
    const state = { breakerOpen: true, nextProbeAt: STORED + 1_000 };
    expect(restored(state, STORED)).toMatchObject({ isMended: true, waitMs: 1_000 });
    expect(restored(state)).toMatchObject({ isMended: true, waitMs: 0 });
  });

  it.each([STORED, undefined])('gives permits as time goes by, stored at %j', (savedAt) => {
    const state = { ratePerMinute: 600, rateChangedAt: STORED, refilledAt: STORED };
    const gate = restored(state, savedAt);
    expect(gate).toMatchObject({ isMended: true, waitMs: 100 });
    expect(later(gate, NOW + 100).permits(64)).toBe(1);
  });

  it('ends a pause that is longer than any can be, where it is not known when it began', () => {
    const gate = restored({ pausedUntil: STORED + 1 });
    expect(gate).toMatchObject({ isMended: true, isPaused: false });
  });

  it('counts from then on how long it has been paused by an operator, or unanswered', () => {
    expect(
      restored({ pausedByOperatorSince: STORED - 5_000, unansweredSince: STORED - 4_000 }, STORED),
    ).toMatchObject({ pausedByOperatorMs: 5_000, unansweredMs: 4_000 });
  });

  it('leaves what is possible as it is', () => {
    const state = { pausedUntil: NOW + HOUR, breakerOpen: true, nextProbeAt: NOW + 1_000 };
    expect(gateAt(NOW, { ...state, savedAt: NOW }).isMended).toBe(false);
    expect(gateAt(NOW + HOUR, { ...state, savedAt: NOW }).isMended).toBe(false);
  });
});
