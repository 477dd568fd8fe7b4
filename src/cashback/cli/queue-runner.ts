import { Injectable } from '@nestjs/common';
import type { ExitCode, Print } from '../../platform/cli/command-line.js';
import { duration, ifKnown, moment } from '../../platform/cli/operator.js';
import { PauseAccrual, ResumeAccrual } from '../application/update-gate.js';
import { RetryAllParkedTasks, RetryParkedTasks } from '../application/retry-parked-tasks.js';
import {
  GateRepository,
  QueueOverview,
  type QueueStatistics,
  type TaskStatus,
} from '../application/ports.js';
import type { AccrualGate } from '../domain/accrual-gate.js';
import {
  blockersOf,
  jsonOfList,
  jsonOfStatistics,
  listLines,
  retriedLine,
  statisticsLines,
  tasks,
} from './queue-format.js';

/** Does what `npm run queue` was told, and says what it did. */
@Injectable()
export class QueueRunner {
  constructor(
    private readonly overview: QueueOverview,
    private readonly gates: GateRepository,
    private readonly retryTasks: RetryParkedTasks,
    private readonly retryAllTasks: RetryAllParkedTasks,
    private readonly pauseAccrual: PauseAccrual,
    private readonly resumeAccrual: ResumeAccrual,
  ) {}

  async list(
    { status, limit, json }: { status: TaskStatus | 'all'; limit: number; json: boolean },
    print: Print,
  ): Promise<ExitCode> {
    const list = await this.overview.list(status, limit);
    const lines = json ? [jsonOfList(list)] : listLines(list, status);
    lines.forEach((line) => print(line));
    return 0;
  }

  async stats(json: boolean, print: Print): Promise<ExitCode> {
    const statistics = await this.overview.statistics();
    const gate = await this.gates.read();
    const lines = json ? [jsonOfStatistics(statistics, gate)] : statisticsLines(statistics, gate);
    lines.forEach((line) => print(line));
    return 0;
  }

  async retry(numbers: readonly string[], by: string, print: Print): Promise<ExitCode> {
    const retried = await this.retryTasks.execute(numbers, by);
    for (const each of retried) print(retriedLine(each));
    const putBack = retried.filter(({ outcome }) => outcome === 'put back').length;
    print(`${putBack} of ${numbers.length} put back`);
    await this.sayBlockers(print);
    return putBack === numbers.length ? 0 : 1;
  }

  async retryAll(reason: string | undefined, by: string, print: Print): Promise<ExitCode> {
    const putBack = await this.retryAllTasks.execute(by, reason);
    const left = reason === undefined ? 0 : ((await this.counts())?.FAILED.tasks ?? 0);
    const selection = reason === undefined ? '' : ` with a reason that contains "${reason}"`;
    const others = left > 0 ? `; ${tasks(left)} parked for other reasons` : '';
    const done =
      putBack === 0 ? `nothing is parked${selection}` : `${tasks(putBack)}${selection} put back`;
    print(`${done}${others}`);
    if (putBack > 0) await this.sayBlockers(print);
    return 0;
  }

  async pause(by: string, print: Print): Promise<ExitCode> {
    const isNew = await this.pauseAccrual.execute(by);
    const counts = await this.counts();
    const since = (await this.gate())?.snapshot().pausedByOperatorSince;
    const earlier = since === undefined ? '' : ` since ${moment(since)}`;
    const done = isNew ? 'paused' : `was paused already${earlier}`;
    print(counts ? `${done}; ${waitingOf(counts)}` : done);
    return 0;
  }

  async resume(by: string, print: Print): Promise<ExitCode> {
    const pausedMs = await this.resumeAccrual.execute(by);
    const counts = await this.counts();
    const done = pausedMs === undefined ? 'was not paused' : `resumed after ${duration(pausedMs)}`;
    const due = counts && counts.PENDING.due + counts.PROCESSING.due;
    print(due === undefined ? done : `${done}; ${tasks(due, 'is due', 'are due')}`);
    await this.sayBlockers(print);
    return 0;
  }

  /** What was done is said also where nobody can say how things stand then. */
  private counts(): Promise<QueueStatistics | undefined> {
    return ifKnown(this.overview.statistics());
  }

  private gate(): Promise<AccrualGate | undefined> {
    return ifKnown(this.gates.read());
  }

  private async sayBlockers(print: Print): Promise<void> {
    const gate = await this.gate();
    for (const line of gate ? blockersOf(gate) : []) print(line);
  }
}

function waitingOf({ PENDING, PROCESSING }: QueueStatistics): string {
  const inFlight = PROCESSING.tasks - PROCESSING.due;
  const settling = inFlight > 0 ? `, their requests in flight (${inFlight}) are still settled` : '';
  return `${tasks(PENDING.tasks, 'waits', 'wait')}${settling}`;
}
