import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { IdGenerator } from '../../kernel/application/system.js';
import {
  DatabaseUnavailable,
  OneIsAtFault,
  Overloaded,
} from '../../kernel/application/persistence-errors.js';
import type { Task, Verdict } from '../domain/task.js';
import { CashbackMetrics } from './ports.js';
import { CashbackSettings } from '../cashback.settings.js';
import { SettlementCommits } from './settle-tasks.js';

/** How soon settling is tried again while the database is away, in milliseconds. */
const AGAIN_MS = 250;

/** Brings one verdict into the books, whatever the database does meanwhile. */
@Injectable()
export class SettleVerdict {
  readonly #logger = new Logger(SettleVerdict.name);

  constructor(
    private readonly settlements: SettlementCommits,
    private readonly settings: CashbackSettings,
    private readonly metrics: CashbackMetrics,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * A verdict that the books refuse parks its task; one that the database is away for is kept until
   * the lease ends.
   */
  async execute(verdict: Verdict, task: Task): Promise<void> {
    const entryId = this.ids.next();
    for (let waited = 0; ; waited += AGAIN_MS) {
      try {
        this.#count(verdict, await this.settlements.submit({ verdict, entryId }));
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
    this.#logger.error(`order ${task.orderId} cannot be settled: ${error.message}`);
    const verdict = task.parked(`the books refuse it: ${error.message}`);
    this.#count(verdict, await this.settlements.submit({ verdict, entryId: this.ids.next() }));
  }

  #count({ orderId, task }: Verdict, result: 'settled' | 'too-late'): void {
    this.metrics.settled(result);
    if (task.status !== 'FAILED' || result !== 'settled') return;
    this.metrics.parked();
    this.#logger.warn(`order ${orderId} is parked until an operator puts it back: ${task.reason}`);
  }
}
