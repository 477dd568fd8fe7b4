import { Injectable } from '@nestjs/common';
import type { CommandRunner, ExitCode, Print } from '../../platform/cli/operator-command.js';
import { PauseAccrual, ResumeAccrual } from '../application/update-gate.js';
import { RetryAllParkedTasks, RetryParkedTasks } from '../application/retry-parked-tasks.js';
import { GateRepository, QueueOverview } from '../application/ports.js';
import { LIMIT, type QueueWish } from './queue-wish.js';
import { jsonOfStatistics, obstaclesOf, statisticsLines } from './queue-words.js';
import { jsonOfList, retriedLine, tableOf } from './task-words.js';
import { duration, moment, tasks } from './words.js';

/** Does what an operator wants of the queue, and says what it did. */
@Injectable()
export class QueueRunner implements CommandRunner<QueueWish> {
  constructor(
    private readonly overview: QueueOverview,
    private readonly gates: GateRepository,
    private readonly retryTasks: RetryParkedTasks,
    private readonly retryAllTasks: RetryAllParkedTasks,
    private readonly pauseAccrual: PauseAccrual,
    private readonly resumeAccrual: ResumeAccrual,
  ) {}

  run(wish: QueueWish, print: Print): Promise<ExitCode> {
    switch (wish.verb) {
      case 'list':
        return this.list(wish, print);
      case 'stats':
        return this.stats(wish.json, print);
      case 'retry':
        return this.retry(wish.numbers, print);
      case 'retry all':
        return this.retryAll(wish.reason, print);
      case 'pause':
        return this.pause(print);
      case 'resume':
        return this.resume(print);
    }
  }

  private async list(
    { status, limit, json }: Extract<QueueWish, { verb: 'list' }>,
    print: Print,
  ): Promise<ExitCode> {
    const list = await this.overview.list(status, limit);
    if (json) {
      print(jsonOfList(list));
      return 0;
    }
    tableOf(list.tasks).forEach((line) => print(line));
    const more = list.total - list.tasks.length;
    const of = status === 'all' ? '' : ` ${status}`;
    if (list.total === 0)
      print(status === 'FAILED' ? 'nothing is parked' : `there is no${of} task`);
    else if (more === 0) print(`${tasks(list.total)}${of}`);
    else
      print(
        `… and ${more} more${list.total > LIMIT.max ? '' : `: --limit ${list.total} shows them too`}`,
      );
    return 0;
  }

  private async stats(json: boolean, print: Print): Promise<ExitCode> {
    const statistics = await this.overview.statistics();
    const gate = await this.gates.read();
    if (json) print(jsonOfStatistics(statistics, gate));
    else statisticsLines(statistics, gate).forEach((line) => print(line));
    return 0;
  }

  private async retry(numbers: readonly string[], print: Print): Promise<ExitCode> {
    const retried = await this.retryTasks.execute(numbers);
    for (const each of retried) print(retriedLine(each));
    const putBack = retried.filter(({ outcome }) => outcome === 'put back').length;
    print(`${putBack} of ${numbers.length} put back`);
    await this.sayObstacles(print);
    return putBack === numbers.length ? 0 : 1;
  }

  private async retryAll(reason: string | undefined, print: Print): Promise<ExitCode> {
    const putBack = await this.retryAllTasks.execute(reason);
    const left = reason === undefined ? 0 : (await this.overview.statistics()).FAILED.tasks;
    const selection = reason === undefined ? '' : ` with a reason that contains "${reason}"`;
    const others = left > 0 ? `; ${tasks(left)} parked for other reasons` : '';
    print(
      `${putBack === 0 ? `nothing is parked${selection}` : `${tasks(putBack)}${selection} put back`}${others}`,
    );
    if (putBack > 0) await this.sayObstacles(print);
    return 0;
  }

  private async pause(print: Print): Promise<ExitCode> {
    const isNew = await this.pauseAccrual.execute();
    const { PENDING, PROCESSING } = await this.overview.statistics();
    const { pausedByOperatorSince = 0 } = (await this.gates.read()).snapshot();
    const asked = PROCESSING.tasks - PROCESSING.due;
    const settling =
      asked > 0 ? `, those already asked about (${asked}) are still being settled` : '';
    print(
      `${isNew ? 'paused' : `was paused already since ${moment(pausedByOperatorSince)}`}; ${tasks(PENDING.tasks, 'waits', 'wait')}${settling}`,
    );
    return 0;
  }

  private async resume(print: Print): Promise<ExitCode> {
    const pausedMs = await this.resumeAccrual.execute();
    const { PENDING, PROCESSING } = await this.overview.statistics();
    print(
      `${pausedMs === undefined ? 'was not paused' : `resumed after ${duration(pausedMs)}`}; ${tasks(PENDING.due + PROCESSING.due, 'is due', 'are due')}`,
    );
    await this.sayObstacles(print);
    return 0;
  }

  /** Whoever wants work done wants to know why it is not done at once. */
  private async sayObstacles(print: Print): Promise<void> {
    for (const line of obstaclesOf(await this.gates.read())) print(line);
  }
}
