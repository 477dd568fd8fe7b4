import { beforeEach, describe, expect, it } from '@jest/globals';
import { Attempts, ReceiverRecord } from './attempts.js';

const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;

describe(Attempts, () => {
  let receiver: ReceiverRecord;
  let attempts: Attempts;

  beforeEach(() => {
    receiver = new ReceiverRecord();
    attempts = new Attempts(receiver);
  });

  /** Failures a second apart, something else getting through between two of them, or nothing. */
  function fail(times: number, areOthersTaken: boolean, fromMs = 0): void {
    for (let i = 0; i < times; i++) {
      if (areOthersTaken && i > 0) receiver.take(fromMs + i * SECOND - 1);
      attempts.fail(fromMs + i * SECOND);
    }
  }

  it('give up after ten failures while others got through', () => {
    fail(9, true);
    receiver.take(9 * SECOND);
    expect(attempts.isHopeless(9 * SECOND)).toBe(false);
    attempts.fail(10 * SECOND);
    expect(attempts.isHopeless(10 * SECOND)).toBe(true);
  });

  it('give up nothing for three days while nothing gets through', () => {
    fail(1_000, false);
    expect(attempts.isHopeless(3 * DAY - 1)).toBe(false);
    expect(attempts.isHopeless(3 * DAY)).toBe(true);
  });

  it('count three days from the first failure, however long nothing happened before', () => {
    receiver.take(0);
    fail(10, false, 5 * DAY);
    expect(attempts.isHopeless(5 * DAY + 10 * SECOND)).toBe(false);
  });

  it('count an outage as one failure, though others get through when it is over', () => {
    fail(100, false);
    receiver.take(100 * SECOND);
    attempts.fail(101 * SECOND);
    expect([attempts.isHopeless(101 * SECOND), attempts.failures]).toEqual([false, 101]);
  });

  it('need ten failures also after three days', () => {
    receiver.fail(0);
    attempts.fail(3 * DAY);
    expect(attempts.isHopeless(3 * DAY)).toBe(false);
  });

  it.each([
    [1, 0, 500, 1_000],
    [2, 0, 1_000, 2_000],
    [5, 0, 8_000, 16_000],
    [7, 0, 30_000, 60_000],
    [50, 0, 30_000, 60_000],
    // What the receiver asks for, within bounds: the second try comes within 5 s.
    [1, 3_000, 3_000, 3_000],
    [1, 3_600_000, 4_000, 4_000],
    [2, 3_600_000, 60_000, 60_000],
    [2, 500, 1_000, 2_000],
  ])('pause after failure %d, asked for %d ms, from %d to %d ms', (times, asked, least, most) => {
    fail(times, true);
    expect(attempts.pauseMs(asked, 0)).toBe(least);
    expect(attempts.pauseMs(asked, 1)).toBe(most);
  });

  it('tell an outage from an event at fault', () => {
    fail(5, false);
    expect(attempts.isOfOutage).toBe(true);
    expect(receiver.take(5 * SECOND)).toBe(true);
    attempts.fail(6 * SECOND);
    expect(attempts.isOfOutage).toBe(false);
    expect(receiver.take(6 * SECOND + 1)).toBe(false);
  });
});
