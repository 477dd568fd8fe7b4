import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../shared/application/unit-of-work.js';
import { Task } from '../domain/task.js';
import { CashbackSettings } from './ports/cashback-settings.js';
import { GateRepository } from './ports/gate-repository.js';
import { QueueRepository } from './ports/queue-repository.js';

export interface Wanted {
  /** Questions that the caller could start at once. */
  readonly hands: number;
  /** At most so many of them for numbers that were asked about before. */
  readonly reAsked: number;
  /** The question is meant for the system more than for the order. */
  readonly isProbe: boolean;
}

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

  async execute(wanted: Wanted): Promise<Claim> {
    const gate = await this.gates.read();
    if (!gate.isWideOpen) return this.throughNarrowGate(wanted);
    return { tasks: await this.claim(wanted.hands, wanted), breakerOpen: false, waitMs: 0 };
  }

  /** Permits are counted under the row's lock, once for a claim and not for each question. */
  private throughNarrowGate(wanted: Wanted): Promise<Claim> {
    return this.unitOfWork.run(async () => {
      const gate = await this.gates.lock();
      const permits = gate.permits(wanted.hands);
      const isProbe = wanted.isProbe || gate.isBreakerOpen;
      const tasks = permits === 0 ? [] : await this.claim(permits, { ...wanted, isProbe });
      gate.take(tasks.length, this.settings.timeoutMs);
      if (tasks.length > 0) await this.gates.save(gate);
      return { tasks, breakerOpen: gate.isBreakerOpen, waitMs: tasks.length < wanted.hands ? gate.waitMs : 0 };
    });
  }

  /** Half of the permits are kept for numbers never asked about, and half for the others, so that neither kind starves the other. */
  private async claim(limit: number, { reAsked, isProbe }: Wanted): Promise<Task[]> {
    const { leaseMs, rules } = this.settings;
    const atLeast = Math.min(Math.floor(limit / 2 + Math.random()), reAsked);
    const claimed = isProbe
      ? await this.queue.claimProbe(leaseMs)
      : await this.queue.claim(limit, { atLeast, atMost: reAsked }, leaseMs);
    return claimed.map((task) => new Task(task, rules));
  }
}
