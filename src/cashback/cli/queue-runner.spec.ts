import { beforeEach, describe, expect, it } from '@jest/globals';
import { numberOf } from '../../../test/support/fakes/in-memory-worker.js';
import { type QueueDesk, queueDesk } from '../../../test/support/processes/queue-desk.js';
import { QueueRunner } from './queue-runner.js';

const MINUTE = 60_000;

const number = (orderId: string): string => numberOf(orderId).value;

describe(QueueRunner.name, () => {
  let desk: QueueDesk;

  beforeEach(() => {
    desk = queueDesk();
  });

  it('says what it has done where it cannot count what waits then', async () => {
    desk.park('1', 'no JSON');
    desk.overview.statistics = () => Promise.reject(new Error('the database went away'));
    await expect(desk.run('pause')).resolves.toEqual([0, 'paused']);
    await expect(desk.run('pause')).resolves.toEqual([
      0,
      expect.stringMatching(/^was paused already since [^;]+$/),
    ]);
    await expect(desk.run('resume')).resolves.toEqual([0, 'resumed after 0 s']);
    await expect(desk.run('retry', '--all', '--reason', 'JSON')).resolves.toEqual([
      0,
      '1 task with a reason that contains "JSON" put back',
    ]);
  });

  describe('retry', () => {
    it('says of each number what happened, and fails when one could not be put back', async () => {
      desk.park('1');
      desk.put('2', { dueAt: desk.clock.ms + 3 * MINUTE });
      desk.overview.settled.set(number('3'), 'PROCESSED');
      await expect(desk.run('retry', ...['1', '2', '3', '4'].map(number))).resolves.toEqual([
        1,
        `${number('1')}: put back`,
        `${number('2')}: is not parked: PENDING, due in 3 min`,
        `${number('3')}: no such task: the order is PROCESSED`,
        `${number('4')}: no such order`,
        '1 of 4 put back',
      ]);
    });

    it('succeeds when all were put back', async () => {
      desk.park('1');
      await expect(desk.run('retry', number('1'))).resolves.toEqual([
        0,
        `${number('1')}: put back`,
        '1 of 1 put back',
      ]);
    });

    it('warns that what was put back is not asked about yet', async () => {
      desk.park('1');
      await desk.run('pause');
      expect((await desk.run('retry', number('1'))).at(-1)).toMatch(
        /^paused by an operator since .*resume$/,
      );
    });

    it('puts back all, or those with a reason', async () => {
      desk.park('1', 'status 500');
      desk.park('2', 'Status 502');
      desk.park('3', 'no JSON');
      await expect(desk.run('retry', '--all', '--reason', 'status 50')).resolves.toEqual([
        0,
        '2 tasks with a reason that contains "status 50" put back; 1 task parked for other reasons',
      ]);
      await expect(desk.run('retry', '--all')).resolves.toEqual([0, '1 task put back']);
      await expect(desk.run('retry', '--all')).resolves.toEqual([0, 'nothing is parked']);
      await expect(desk.run('retry', '--all', '--reason', 'x')).resolves.toEqual([
        0,
        'nothing is parked with a reason that contains "x"',
      ]);
    });
  });

  it('pause and resume say what waits', async () => {
    desk.put('1');
    desk.put('2', { dueAt: desk.clock.ms + 60 * MINUTE });
    desk.put('3', { status: 'PROCESSING', dueAt: desk.clock.ms + 30_000 });
    await expect(desk.run('pause')).resolves.toEqual([
      0,
      'paused; 2 tasks wait, their requests in flight (1) are still settled',
    ]);
    const since = `${new Date(desk.clock.ms).toISOString().slice(0, 19)}Z`;
    desk.clock.advance(5 * MINUTE);
    await expect(desk.run('pause')).resolves.toEqual([
      0,
      `was paused already since ${since}; 2 tasks wait`,
    ]);
    await expect(desk.run('resume')).resolves.toEqual([0, 'resumed after 5 min; 2 tasks are due']);
    await expect(desk.run('resume')).resolves.toEqual([0, 'was not paused; 2 tasks are due']);
  });

  it('resume says what else stands in the way', async () => {
    await desk.run('pause');
    desk.gates.state = { ...desk.gates.state, breakerOpen: true, nextProbeAt: 0 };
    await expect(desk.run('resume')).resolves.toEqual([
      0,
      'resumed after 0 s; 0 tasks are due',
      'the accrual system is out: one probe a second, and no try is spent, until it answers',
    ]);
  });
});
