import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../shared/application/unit-of-work.js';
import { Task } from '../domain/task.js';
import { CashbackSettings } from './ports/cashback-settings.js';
import { GateRepository } from './ports/gate-repository.js';
import { QueueRepository } from './ports/queue-repository.js';

export interface Claim {
  readonly tasks: readonly Task[];
  readonly breakerOpen: boolean;
  /** How long the gate stays shut, in milliseconds; 0 where it let all through that there was. */
  readonly waitMs: number;
}

/** Leases due tasks, no more than the gate permits. */
@Injectable()
export class ClaimTasks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly gates: GateRepository,
    private readonly queue: QueueRepository,
    private readonly settings: CashbackSettings,
  ) {}

  /**
   * @param hands how many questions the caller could start at once.
   * @param isProbe whether the question is meant for the system more than for the order: it goes to a number never asked about if there is one.
   */
  async execute(hands: number, isProbe = false): Promise<Claim> {
    const gate = await this.gates.read();
    if (!gate.isWideOpen) return this.throughNarrowGate(hands, isProbe);
    return { tasks: await this.claim(hands, reAskedShare(hands, isProbe)), breakerOpen: false, waitMs: 0 };
  }

  /** Permits are counted under the row's lock, once for a claim and not for each question. */
  private throughNarrowGate(hands: number, isProbe: boolean): Promise<Claim> {
    return this.unitOfWork.run(async () => {
      const gate = await this.gates.lock();
      const permits = gate.permits(hands);
      const tasks = permits === 0 ? [] : await this.claim(permits, reAskedShare(permits, isProbe || gate.isBreakerOpen));
      gate.take(tasks.length, this.settings.timeoutMs);
      if (tasks.length > 0) await this.gates.save(gate);
      return { tasks, breakerOpen: gate.isBreakerOpen, waitMs: tasks.length < hands ? gate.waitMs : 0 };
    });
  }

  private async claim(limit: number, reAsked: number): Promise<Task[]> {
    const claimed = await this.queue.claim(limit, Math.floor(reAsked + Math.random()), this.settings.leaseMs);
    return claimed.map((task) => new Task(task, this.settings.rules));
  }
}

/** Half of the permits are kept for numbers never asked about, so that dead ones starve nobody. */
function reAskedShare(permits: number, isProbe: boolean): number {
  return isProbe ? 0 : permits / 2;
}
