import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { IdGenerator } from '../../kernel/application/ports.js';
import {
  DatabaseUnavailable,
  OneIsAtFault,
  Overloaded,
} from '../../kernel/application/persistence-errors.js';
import type { Resolution, Task } from '../domain/task.js';
import { CashbackSettings } from '../cashback.settings.js';
import { CashbackMetrics } from './ports.js';
import { ResolutionCommits, type SettlementCommand } from './settle-tasks.js';

/** How soon a commit is tried again while the database is away, in milliseconds. */
const AGAIN_MS = 250;

/** Stores what became of one task, if need be when the database is back, and counts it. */
@Injectable()
export class ResolveTask {
  readonly #logger = new Logger(ResolveTask.name);

  constructor(
    private readonly commits: ResolutionCommits,
    private readonly settings: CashbackSettings,
    private readonly metrics: CashbackMetrics,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * When the books refuse the resolution, the task is parked. While the database is away, the
   * commit is tried again until the task's lease has ended: then another claim takes over.
   *
   * @throws DatabaseUnavailable or Overloaded when the lease has ended; other errors at once.
   */
  async execute(resolution: Resolution, task: Task): Promise<void> {
    const entryId = this.ids.next();
    for (let waited = 0; ; waited += AGAIN_MS) {
      try {
        await this.#store({ resolution, entryId }, task);
        return;
      } catch (error) {
        if (error instanceof OneIsAtFault) {
          await this.#park(task, error);
          return;
        }
        const isAway = error instanceof DatabaseUnavailable || error instanceof Overloaded;
        if (!isAway || waited >= this.settings.leaseMs) throw error;
        await pause(AGAIN_MS);
      }
    }
  }

  async #park(task: Task, error: Error): Promise<void> {
    this.#logger.error(`order ${task.number.value} cannot be settled: ${error.message}`, {
      traceId: task.trace?.id,
    });
    const resolution = task.parked(`the books refuse it: ${error.message}`);
    await this.#store({ resolution, entryId: this.ids.next() }, task);
  }

  /**
   * Counts what was committed, once. When the answer to a commit was lost, the second try finds the
   * task gone: the order is counted as late, though the first try did commit.
   */
  async #store(command: SettlementCommand, { number, trace }: Task): Promise<void> {
    const result = await this.commits.submit(command);
    this.metrics.resolved(result);
    const { userId, task } = command.resolution;
    const [order, traceId] = [number.value, trace?.id];
    if (result.kind === 'parked' && task.status === 'FAILED')
      this.#logger.warn('an order is parked until an operator puts it back', {
        order,
        userId,
        traceId,
        reason: task.reason,
      });
    else if (result.kind === 'processed')
      this.#logger.debug('an order is credited', {
        order,
        userId,
        traceId,
        points: result.points.toString(),
      });
  }
}
