import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AccrualGate } from './accrual-gate.js';
import type { GateSnapshot } from './gate-snapshot.js';

const NOW = 1_000_000;
const MINUTE_MS = 60_000;

const limitedTo = (ratePerMinute: number, state: Partial<GateSnapshot> = {}): GateSnapshot => ({
  breakerOpen: false,
  permits: 0,
  ratePerMinute,
  rateChangedAt: NOW,
  refilledAt: NOW,
  ...state,
});

/** Takes as many of `wanted` as the gate permits, as a claim does. */
function take(
  state: GateSnapshot,
  now: number,
  wanted: number,
): { readonly state: GateSnapshot; readonly taken: number } {
  const gate = AccrualGate.restore(state, now);
  const taken = gate.permits(wanted);
  gate.take(taken);
  return { state: gate.snapshot(), taken };
}

describe(`${AccrualGate.name} under a limit`, () => {
  it('gives permits as time goes by, not faster', () => {
    const first = take(limitedTo(6_000), NOW + 50, 64);
    expect(first.taken).toBe(5);
    expect(take(first.state, NOW + 50, 64).taken).toBe(0);
    expect(take(first.state, NOW + 60, 64).taken).toBe(1);
  });

  it('saves up a tenth of a second’s permits at most', () => {
    expect(take(limitedTo(6_000), NOW + 10 * 1_000, 64).taken).toBe(10);
    expect(take(limitedTo(6), NOW + 40_000, 64).taken).toBe(1);
  });

  it('keeps the permits that were not wanted', () => {
    const { state } = take(limitedTo(6_000), NOW + 100, 3);
    expect(AccrualGate.restore(state, NOW + 100).permits(64)).toBe(7);
  });

  it('says how long the next permit takes', () => {
    expect(AccrualGate.restore(limitedTo(600), NOW).waitMs).toBe(100);
    expect(AccrualGate.restore(limitedTo(6), NOW).waitMs).toBe(10_000);
    expect(AccrualGate.restore(limitedTo(600), NOW + 100).waitMs).toBe(0);
  });

  it('gives a permit when the wait is over, at any rate', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 300_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rate, permits) => {
          const state = limitedTo(rate, { permits });
          const { waitMs } = AccrualGate.restore(state, NOW);
          expect(AccrualGate.restore(state, NOW + Math.ceil(waitMs) + 1).permits(1)).toBe(1);
        },
      ),
    );
  });

  it('is not misled by a clock that steps back', () => {
    expect(take(limitedTo(6_000, { permits: 2 }), NOW - 5_000, 64).taken).toBe(2);
  });

  it('tries a little more after ten minutes without a 429', () => {
    const calm = take(limitedTo(600), NOW + 10 * MINUTE_MS - 1, 1);
    expect(calm.state.ratePerMinute).toBe(600);
    const raised = take(limitedTo(600), NOW + 10 * MINUTE_MS, 1);
    expect(raised.state).toMatchObject({ ratePerMinute: 630, rateChangedAt: NOW + 10 * MINUTE_MS });
    expect(take(raised.state, NOW + 10 * MINUTE_MS + 1, 1).state.ratePerMinute).toBe(630);
  });

  it('is not raised while no request goes through', () => {
    expect(take(limitedTo(600), NOW + 10 * MINUTE_MS, 0).state.ratePerMinute).toBe(600);
  });

  it('is forgotten once it has been raised so far that it is no limit', () => {
    const { state } = take(limitedTo(299_000), NOW + 10 * MINUTE_MS, 1);
    expect(AccrualGate.restore(state, NOW + 10 * MINUTE_MS).isWideOpen).toBe(true);
  });

  it('never lets more through, in any span of time, than rate × time and one burst', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 0, max: 3_000 }),
      wanted: fc.integer({ min: 0, max: 200 }),
    });
    const rates = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(rates, fc.array(step, { minLength: 1, maxLength: 40 }), (rate, steps) => {
        let now = NOW;
        let state = limitedTo(rate);
        const taken: { now: number; count: number }[] = [];
        for (const { afterMs, wanted } of steps) {
          now += afterMs;
          const result = take(state, now, wanted);
          state = result.state;
          taken.push({ now, count: result.taken });
        }
        // Two minutes at most: the rate is not raised by then.
        const highest = rate / MINUTE_MS;
        taken.forEach((from, i) => {
          let sum = 0;
          for (const to of taken.slice(i)) {
            sum += to.count;
            expect(sum).toBeLessThanOrEqual(
              highest * (to.now - from.now) + Math.max(1, highest * 100) + 1e-6,
            );
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it('keeps every span of a second or more within the named limit, wherever it begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 1_000, max: 90_000 }),
        (limit, spanMs) => {
          const gate = AccrualGate.restore({ breakerOpen: false, permits: 0 }, NOW);
          gate.pause(1, limit);
          // The fullest span begins with a burst: permits saved up, then all taken that there are.
          let state = gate.snapshot();
          let sum = 0;
          const from = NOW + 2 * MINUTE_MS;
          const stepMs = Math.max(1, spanMs / 400);
          for (let at = from; at < from + spanMs; at += stepMs) {
            const result = take(state, at, Infinity);
            state = result.state;
            sum += result.taken;
          }
          expect(sum).toBeLessThanOrEqual(Math.max(1, Math.ceil((limit * spanMs) / MINUTE_MS)));
        },
      ),
      { numRuns: 200 },
    );
  });
});
