import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { event, PlayedLanes } from '../../../../test/support/broker/played-lanes.js';
import type { Passed } from '../reading.js';
import { EventsRefused, SinkStopped } from '../sink-ports.js';
import { LANE_EVENTS } from './lane.js';
import { UserLanes } from './user-lanes.js';

const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;

Logger.overrideLogger(false);

describe(UserLanes, () => {
  let played: PlayedLanes;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance'] });
    played = new PlayedLanes();
  });

  afterEach(() => void jest.useRealTimers());

  it('sends those of a user one after another, and lanes side by side', async () => {
    played.hold(1, 2, 3);
    const page = played.begin(event(1), event(2), event(3, 5));
    await played.elapse(100);
    expect(played.sent).toEqual([1, 3]);
    played.answer(1);
    await played.elapse(10);
    expect(played.sent).toEqual([1, 3, 2]);
    played.answer(2, 3);
    await played.elapse(10);
    expect(page.passed).toMatchObject({ delivered: 3, waiting: [], parked: [], settled: [] });
  });

  it('sets aside what a slow user has, lets others go on, and keeps the order', async () => {
    played.hold(1);
    const page = played.begin(event(1), event(2), event(3, 5));
    await played.elapse(SECOND);
    expect([page.passed?.delivered, played.waiting]).toEqual([1, [1, 2]]);
    // The lane is not waited for any more.
    await played.pass(event(4, 5), event(5), event(6, 6));
    expect([played.taken, played.waiting]).toEqual([
      [3, 4, 6],
      [1, 2, 5],
    ]);
    played.answer(1);
    await played.elapse(10);
    expect(played.taken).toEqual([3, 4, 6, 1, 2, 5]);
    const { settled, delivered } = await played.pass();
    expect([settled.map(({ position }) => Number(position)), delivered]).toEqual([[1, 2, 5], 3]);
    expect(played.waiting).toEqual([]);
  });

  it('tries again within 5 s, and parks after ten failures while others get through', async () => {
    played.refused.add(1);
    played.begin(event(1), event(2));
    await played.elapse(500);
    const parked: Passed['parked'][number][] = [];
    const tries = (): number => played.sent.filter((each) => each === 1).length;
    for (let seconds = 0; seconds < 600 && parked.length === 0; seconds++) {
      parked.push(...(await played.pass(event(10 + seconds, 5))).parked);
      await played.elapse(SECOND, 2);
      if (seconds === 4) expect(tries()).toBeGreaterThan(1);
    }
    expect(parked).toEqual([{ position: 1n, reason: 'status 500' }]);
    expect(tries()).toBe(10);
    expect(played.taken).toContain(2);
    await played.pass();
    expect(played.waiting).toEqual([]);
  });

  it('parks nothing while nothing gets through, for three days, and reads no further', async () => {
    played.isDead = true;
    const events = Array.from({ length: 16 }, (_, lane) => event(lane + 1, lane));
    const page = played.begin(...events);
    await played.elapse(3 * DAY - 3_600 * SECOND, 300);
    expect(page.passed).toBeUndefined();
    await played.elapse(2 * 3_600 * SECOND, 200);
    // One is enough for its lane to be free, and the page ends. Two may come at the same moment.
    expect(page.passed?.parked[0]).toMatchObject({ reason: 'status 500' });
    expect(page.passed?.parked.length).toBeLessThan(16);
  });

  it('sends everything at once when an outage is over', async () => {
    played.isDead = true;
    const events = Array.from({ length: 16 }, (_, lane) => event(lane + 1, lane));
    const page = played.begin(...events);
    await played.elapse(3_600 * SECOND, 1_000);
    played.isDead = false;
    // No pause is longer than a minute, and most end with the first one that gets through.
    let taking = 0;
    for (; taking < 60 && played.taken.length === 0; taking++) await played.elapse(SECOND);
    await played.elapse(10, 1);
    expect(played.taken).toHaveLength(16);
    expect(page.passed).toMatchObject({ delivered: 16, waiting: [] });
  });

  it('keeps to the pause that was asked for, also when an outage is over', async () => {
    played.failure = new EventsRefused('status 429', 60 * SECOND);
    const page = played.begin(event(1), event(2, 5));
    await played.elapse(4.5 * SECOND);
    // The first pause is short; the second one is as long as was asked for.
    played.failure = undefined;
    played.refused.add(1);
    expect(played.sent).toEqual([1, 2, 1, 2]);
    await played.elapse(50 * SECOND);
    expect(played.sent).toHaveLength(4);
    await played.elapse(15 * SECOND);
    expect(played.taken).toEqual([2]);
    expect(page.passed).toBeDefined();
  });

  it('goes on after a start with what waits, before anything new', async () => {
    for (const position of [3, 1]) played.stored.set(position, { ...event(position), lane: 0 });
    const page = played.begin(event(7), event(8, 5));
    await played.elapse(SECOND);
    expect(played.taken.filter((each) => each !== 8)).toEqual([1, 3, 7]);
    await played.pass();
    expect([page.passed !== undefined, played.waiting]).toEqual([true, []]);
  });

  it('keeps no more than it can hold of a lane in memory, and loses none', async () => {
    played.hold(1);
    const all = 2.5 * LANE_EVENTS;
    for (let first = 1; first <= all; first += LANE_EVENTS) {
      const count = Math.min(LANE_EVENTS, all - first + 1);
      const page = played.begin(...Array.from({ length: count }, (_, i) => event(first + i)));
      await played.elapse(SECOND);
      expect(page.passed?.waiting).toHaveLength(count);
    }
    played.answer(1);
    for (let i = 0; i < 10; i++) {
      await played.elapse(SECOND);
      await played.pass();
    }
    expect(played.taken).toEqual(Array.from({ length: all }, (_, i) => i + 1));
    expect(played.waiting).toEqual([]);
  });

  it('stops with the receiver that wants no more, and keeps what is left waiting', async () => {
    played.hold(2);
    played.failure = new SinkStopped('410');
    const page = played.begin(event(1), event(2, 5), event(3));
    await played.elapse(SECOND);
    expect(page.passed).toBeUndefined();
    played.failure = undefined;
    played.answer(2);
    await played.elapse(10);
    expect(page.passed).toMatchObject({ stopped: '410', delivered: 1 });
    expect([played.sent, played.taken, played.waiting]).toEqual([[1, 2], [2], [1, 3]]);
  });

  it('ends when it is told to: what is under way has 2 s, and waits otherwise', async () => {
    played.hold(1);
    played.refused.add(2);
    const page = played.begin(event(1), event(2, 5), event(3));
    await played.elapse(100);
    played.lanes.stop();
    await played.elapse(SECOND);
    expect(page.passed).toBeUndefined();
    await played.elapse(2 * SECOND);
    expect(page.passed).toMatchObject({ delivered: 0 });
    expect([played.sent, played.waiting]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it('fails when nothing can be sent any more', async () => {
    played.failure = new Error('the lease has ended');
    await expect(played.lanes.pass([event(1)])).rejects.toThrow('the lease has ended');
  });

  it('says that an event is not taken, and when none is tried again', async () => {
    const said: string[] = [];
    const silent = { log: () => undefined, error: () => undefined };
    Logger.overrideLogger({ ...silent, warn: (message: string) => said.push(message) });
    played.isDead = true;
    played.begin(event(1), event(2, 5));
    await played.elapse(20 * SECOND);
    played.isDead = false;
    await played.elapse(60 * SECOND);
    Logger.overrideLogger(false);
    expect(said).toEqual([
      'test: event 1 was not taken, and is tried again: status 500',
      'test: no event is being tried again any more',
    ]);
  });
});
