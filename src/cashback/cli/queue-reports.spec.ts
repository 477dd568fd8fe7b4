import { beforeEach, describe, expect, it } from '@jest/globals';
import { numberOf } from '../../../test/support/fakes/in-memory-worker.js';
import { type QueueDesk, queueDesk } from '../../../test/support/processes/queue-desk.js';
import { QueueRunner } from './queue-runner.js';

const MINUTE = 60_000;

const number = (orderId: string): string => numberOf(orderId).value;

describe(`${QueueRunner.name} reports`, () => {
  let desk: QueueDesk;

  beforeEach(() => {
    desk = queueDesk();
  });

  describe('list', () => {
    it('shows what is parked, with its reason', async () => {
      desk.park('1234567', 'status 500: \u001b[31mno');
      desk.park('2');
      desk.put('3');
      desk.clock.advance(3 * 60 * MINUTE);
      await expect(desk.run('list')).resolves.toEqual([
        0,
        'NUMBER    STATUS  TRIES  REQUESTS  AGE  NEXT            REASON',
        `${number('1234567')}  FAILED  10     0         3 h  parked 3 h ago  status 500: ·[31mno`,
        `${number('2')}        FAILED  10     0         3 h  parked 3 h ago  status 500`,
        '2 tasks FAILED',
      ]);
    });

    it('says when the others are due, and how many more there are', async () => {
      desk.put('1', { dueAt: desk.clock.ms + 5 * MINUTE });
      desk.put('2', { status: 'PROCESSING', dueAt: desk.clock.ms + 30_000 });
      desk.put('3', { status: 'PROCESSING', dueAt: desk.clock.ms - 9_000 });
      desk.put('4');
      const lines = await desk.run('list', '--status', 'all', '--limit', '3');
      expect(lines.slice(2)).toEqual([
        expect.stringMatching(/PENDING .* due in 5 min$/),
        expect.stringMatching(/PROCESSING .* request in flight$/),
        expect.stringMatching(/PROCESSING .* lost by its worker 9 s ago, due now$/),
        '… and 1 more: --limit 4 shows them too',
      ]);
    });

    it('shows a long number whole, beside short ones', async () => {
      const long = '7'.repeat(100);
      desk.park(long);
      desk.park('1');
      const lines = await desk.run('list');
      expect(lines[2]).toContain(`${number(long)}  FAILED`);
      expect(String(lines[3]).length).toBeLessThan(80);
    });

    it('says so when there is nothing', async () => {
      await expect(desk.run('list')).resolves.toEqual([0, 'nothing is parked']);
      await expect(desk.run('list', '--status', 'PENDING')).resolves.toEqual([
        0,
        'there is no PENDING task',
      ]);
      await expect(desk.run('list', '--status', 'all')).resolves.toEqual([0, 'there is no task']);
    });

    it('speaks to programs', async () => {
      desk.park('1', 'a "quoted" reason');
      desk.put('2', { dueAt: desk.clock.ms + 1_500 });
      desk.clock.advance(500);
      const [, line] = await desk.run('list', '--status', 'all', '--json');
      expect(JSON.parse(line ?? '')).toEqual({
        tasks: [
          {
            number: number('1'),
            status: 'FAILED',
            tries: 10,
            requests: 0,
            age_seconds: 0.5,
            in_status_seconds: 0.5,
            reason: 'a "quoted" reason',
          },
          {
            number: number('2'),
            status: 'PENDING',
            tries: 0,
            requests: 0,
            age_seconds: 0.5,
            in_status_seconds: 0.5,
            due_in_seconds: 1,
          },
        ],
        total: 2,
      });
    });
  });

  describe('stats', () => {
    it('counts', async () => {
      desk.put('1', { dueAt: desk.clock.ms + 5 * MINUTE });
      desk.put('2');
      desk.put('3', { status: 'PROCESSING', dueAt: desk.clock.ms });
      desk.park('4');
      desk.clock.advance(2 * MINUTE);
      await expect(desk.run('stats')).resolves.toEqual([
        0,
        'PENDING     2: 1 due, the oldest uploaded 2 min ago, the longest due for 2 min',
        'PROCESSING  1: 1 of them lost by their workers, the oldest uploaded 2 min ago, ' +
          'the longest due for 2 min',
        'FAILED      1: parked, the oldest uploaded 2 min ago',
        'requests    free: no pause, no limit, no outage',
      ]);
    });

    it('names everything that holds the asking up', async () => {
      const { ms } = desk.clock;
      desk.gates.state = {
        breakerOpen: true,
        permits: 0,
        nextProbeAt: ms,
        pausedUntil: ms + 20_000,
        ratePerMinute: 1_080.4,
        pausedByOperatorSince: ms - 5 * MINUTE,
        unansweredSince: ms - 5 * MINUTE,
        unansweredReason: 'connect ECONNREFUSED',
      };
      const since = `${new Date(ms - 5 * MINUTE).toISOString().slice(0, 19)}Z`;
      expect((await desk.run('stats')).slice(1)).toEqual([
        'PENDING     0',
        'PROCESSING  0',
        'FAILED      0',
        `requests    paused by an operator since ${since} (5 min): ` +
          'no request goes out before npm run queue -- resume',
        'requests    the accrual system said 429: no request goes out for another 20 s',
        `requests    no request is answered since ${since} (5 min): connect ECONNREFUSED`,
        'requests    the accrual system is out: ' +
          'one probe a second, and no try is spent, until it answers',
        'requests    at most 1080 requests a minute, as learnt from a 429',
      ]);
    });

    it('speaks to programs', async () => {
      desk.park('1');
      await desk.run('pause');
      desk.clock.advance(1_000);
      const since = `${new Date(desk.clock.ms - 1_000).toISOString().slice(0, 19)}Z`;
      const [, line] = await desk.run('stats', '--json');
      expect(JSON.parse(line ?? '')).toEqual({
        PENDING: { tasks: 0, due: 0 },
        PROCESSING: { tasks: 0, due: 0 },
        FAILED: { tasks: 1, due: 0, oldest_seconds: 1 },
        gate: {
          paused_by_operator_since: since,
          paused_until: null,
          unanswered_since: null,
          unanswered_reason: null,
          breaker_open: false,
          rate_per_minute: null,
        },
      });
    });
  });
});
