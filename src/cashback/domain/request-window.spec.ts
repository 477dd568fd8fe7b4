import { beforeEach, describe, expect, it } from '@jest/globals';
import { Money } from '../../kernel/domain/money.js';
import { RequestWindow } from './request-window.js';
import type { AccrualReply } from './task.js';

const TASK = { isSuspect: false };
const SUSPECT = { isSuspect: true };

const ANSWER: AccrualReply = { kind: 'processed', accrual: Money.ZERO };
const FAULT: AccrualReply = { kind: 'fault', reason: 'status 500' };
const limited = (pauseMs: number): AccrualReply => ({ kind: 'limited', pauseMs });

describe(RequestWindow.name, () => {
  let breaker: { isInDoubt: boolean };
  let window: RequestWindow;

  beforeEach(() => {
    breaker = { isInDoubt: false };
    window = new RequestWindow(64, breaker);
  });

  /** Sends so many requests at `now`; their tasks stay in hand. */
  function send(count: number, now: number, task = TASK): void {
    for (let i = 0; i < count; i++) {
      window.started();
      window.requested(task, now);
    }
  }

  /** So many requests are over at `now`, and what became of their tasks is stored. */
  function reply(count: number, reply: AccrualReply | undefined, now: number, task = TASK): void {
    for (let i = 0; i < count; i++) {
      window.replied(task, reply, now);
      window.finished();
    }
  }

  const slots = (now: number): number => window.free(now).slots;
  const suspects = (now: number): number => window.free(now).suspects;

  describe('counts what is in flight', () => {
    it.each<[string, { sent?: number; sentSuspects?: number; replies?: AccrualReply[] }, number[]]>(
      [
        ['nothing', {}, [8, 4]],
        ['3 requests', { sent: 3 }, [5, 4]],
        ['3 requests for suspects', { sentSuspects: 3 }, [5, 1]],
        ['8 requests, 4 of them for suspects', { sent: 4, sentSuspects: 4 }, [0, 0]],
        ['8 requests, of which 2 were answered', { sent: 8, replies: [ANSWER, ANSWER] }, [4, 5]],
        ['8 requests, of which 2 met a fault', { sent: 8, replies: [FAULT, FAULT] }, [2, 4]],
        [
          '8 requests, of which one was unknown and one calculating',
          { sent: 8, replies: [{ kind: 'unknown' }, { kind: 'calculating' }] },
          [4, 5],
        ],
        ['8 requests, all answered', { sent: 8, replies: Array(8).fill(ANSWER) }, [16, 8]],
      ],
    )('%s', (_, { sent = 0, sentSuspects = 0, replies = [] }, free) => {
      send(sent, 0);
      send(sentSuspects, 0, SUSPECT);
      for (const each of replies) reply(1, each, 0);
      expect([slots(0), suspects(0)]).toEqual(free);
    });

    it('an aborted request is neither in flight nor an answer', () => {
      send(8, 0);
      reply(2, undefined, 0);
      expect(slots(0)).toBe(2);
    });

    it('suspects get their half back as they are answered', () => {
      send(4, 0, SUSPECT);
      expect(suspects(0)).toBe(0);
      reply(2, ANSWER, 0, SUSPECT);
      expect([slots(0), suspects(0)]).toEqual([8, 3]);
    });

    it('tasks whose resolution is being stored count too, three for each request', () => {
      window = new RequestWindow(2, breaker);
      for (let i = 0; i < 5; i++) window.started();
      expect(slots(0)).toBe(1);
      window.started();
      window.started();
      expect(slots(0)).toBe(0);
      window.finished();
      window.finished();
      expect(slots(0)).toBe(1);
    });
  });

  describe('starts slowly', () => {
    it('with eight, or the limit where that is less', () => {
      expect(slots(0)).toBe(8);
      expect(new RequestWindow(3, breaker).free(0)).toMatchObject({ slots: 3, suspects: 2 });
    });

    it('with one more for each answer, up to the limit', () => {
      send(100, 0);
      reply(8, ANSWER, 0);
      reply(92, undefined, 0);
      expect(slots(0)).toBe(16);
      send(100, 0);
      reply(100, ANSWER, 0);
      expect(slots(0)).toBe(64);
    });

    it('doubles in a quarter of a second without answers', () => {
      send(1, 0);
      expect([249, 250, 500, 750, 1_000].map((now) => slots(now))).toEqual([7, 15, 31, 63, 63]);
    });

    it('begins anew after half a minute without a request', () => {
      send(100, 0);
      reply(100, ANSWER, 0);
      send(1, 10_000);
      reply(1, ANSWER, 10_000);
      expect(slots(40_000)).toBe(64);
      expect(slots(40_001)).toBe(8);
      send(1, 40_001);
      expect(slots(40_001)).toBe(7);
      expect(slots(40_251)).toBe(15);
    });
  });

  describe('after a 429', () => {
    it('is shut until the pause is over, and starts slowly then, though many were answered', () => {
      send(100, 0);
      reply(99, ANSWER, 0);
      reply(1, limited(5_000), 1_000);
      expect([1_000, 5_999, 6_000].map((now) => slots(now))).toEqual([0, 0, 8]);
      expect([1_000, 5_999, 6_000].map((now) => window.pausedMs(now))).toEqual([5_000, 1, 0]);
      send(1, 6_000);
      reply(1, ANSWER, 6_000);
      expect(slots(6_000)).toBe(9);
    });

    it('is not opened by the shorter pause of another request', () => {
      send(2, 0);
      reply(1, limited(5_000), 0);
      reply(1, limited(1_000), 0);
      expect(window.pausedMs(0)).toBe(5_000);
    });

    it('that another replica was told it is shut too, and afterwards as wide as before', () => {
      send(100, 0);
      reply(100, ANSWER, 0);
      window.pause(5_000, 0);
      expect([4_999, 5_000].map((now) => slots(now))).toEqual([0, 64]);
    });
  });

  describe('while the breaker is in doubt', () => {
    /** A claim at `now` that finds a task. */
    const claim = (now: number): number => {
      const free = window.free(now);
      if (free.slots > 0) window.claimed([TASK], free, now);
      return free.slots;
    };

    it('lets ten probes a second out', () => {
      expect(window.free(1_000)).toMatchObject({ slots: 8, isProbe: false });
      breaker.isInDoubt = true;
      expect(window.free(1_000)).toMatchObject({ slots: 1, isProbe: true });
      expect([1_000, 1_099, 1_100].map(claim)).toEqual([1, 0, 1]);
      breaker.isInDoubt = false;
      expect(slots(1_101)).toBe(8);
    });

    it('lets no probe out without a slot', () => {
      send(8, 1_000);
      breaker.isInDoubt = true;
      expect(slots(1_000)).toBe(0);
    });
  });

  describe('has replies start a claim', () => {
    /** A claim at 0 that takes all there is room for, or this much less; all requests go out. */
    function claim({ without = 0, ofSuspects = 0 }): void {
      const free = window.free(0);
      const tasks = Array.from({ length: free.slots - without }, (_, i) =>
        i < ofSuspects ? SUSPECT : TASK,
      );
      window.claimed(tasks, free, 0);
      for (const task of tasks) send(1, 0, task);
    }

    it('once a quarter of the window is free, when the last claim was filled', () => {
      claim({});
      expect(window.isClaimWorthwhile(0)).toBe(false);
      reply(1, FAULT, 0);
      expect(window.isClaimWorthwhile(0)).toBe(false);
      reply(1, FAULT, 0);
      expect(window.isClaimWorthwhile(0)).toBe(true);
    });

    it('not when the last claim left nothing', () => {
      claim({ without: 1 });
      reply(7, ANSWER, 0);
      expect(window.isClaimWorthwhile(0)).toBe(false);
    });

    it('when suspects were left, once some of their slots are free', () => {
      claim({ without: 2, ofSuspects: 4 });
      reply(2, FAULT, 0);
      expect(window.isClaimWorthwhile(0)).toBe(false);
      reply(1, FAULT, 0, SUSPECT);
      expect(window.isClaimWorthwhile(0)).toBe(true);
    });
  });
});
