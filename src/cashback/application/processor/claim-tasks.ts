import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/application/system.js';
import { type Transaction, UnitOfWork } from '../../../kernel/application/unit-of-work.js';
import { Task } from '../../domain/task.js';
import { CashbackSettings } from '../../cashback.settings.js';
import { GateRepository, QueueRepository } from '../ports.js';

export interface Wanted {
  /** Questions that the caller could start at once. */
  readonly hands: number;
  /** At most so many of them for doubtful numbers. */
  readonly doubtful: number;
  /** The question is meant for the system more than for the order. */
  readonly isProbe: boolean;
}

export interface Claim {
  readonly tasks: readonly Task[];
  readonly breakerOpen: boolean;
  /** How long the gate stays shut, in milliseconds; 0 where it let all through that there was. */
  readonly waitMs: number;
  /**
   * How long the tasks must not be asked about after all, in milliseconds: a 429 came in while they
   * were being claimed.
   */
  readonly shutMs: number;
}

/**
 * A claim that took longer may not know what another replica was told meanwhile, who stops within
 * 100 ms of a 429.
 */
const OUTDATED_MS = 30;

/**
 * More than half for numbers never asked about, the rest for the others, so that neither starves
 * the other; and 500 numbers that the accrual system has never heard of slow the known ones down by
 * a seventh under a limit, where an even share doubled their time.
 */
const WEIGHTS = { FRESH: 6, ASKED: 4, DOUBTFUL: 1 } as const;

/** Leases due tasks, no more than the gate permits. */
@Injectable()
export class ClaimTasks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly gates: GateRepository,
    private readonly queue: QueueRepository,
    private readonly settings: CashbackSettings,
    private readonly clock: Clock,
  ) {}

  async execute(wanted: Wanted): Promise<Claim> {
    const beganMs = this.clock.now().getTime();
    const gate = await this.gates.read();
    const claim = gate.isWideOpen
      ? await this.throughOpenGate(wanted)
      : await this.throughNarrowGate(wanted);
    const isOutdated = claim.tasks.length > 0 && this.clock.now().getTime() - beganMs > OUTDATED_MS;
    return isOutdated ? { ...claim, shutMs: (await this.gates.read()).pausedMs } : claim;
  }

  private async throughOpenGate(wanted: Wanted): Promise<Claim> {
    return {
      tasks: await this.claim(wanted.hands, wanted),
      breakerOpen: false,
      waitMs: 0,
      shutMs: 0,
    };
  }

  /** Permits are counted under the row's lock, once for a claim and not for each question. */
  private throughNarrowGate(wanted: Wanted): Promise<Claim> {
    return this.unitOfWork.run(async (transaction) => {
      const gate = await this.gates.lock(transaction);
      const permits = gate.permits(wanted.hands);
      const isProbe = wanted.isProbe || gate.isBreakerOpen;
      const tasks =
        permits === 0 ? [] : await this.claim(permits, { ...wanted, isProbe }, transaction);
      gate.take(tasks.length);
      if (tasks.length > 0) this.gates.save(transaction, gate);
      return {
        tasks,
        breakerOpen: gate.isBreakerOpen,
        waitMs: tasks.length < wanted.hands ? gate.waitMs : 0,
        shutMs: 0,
      };
    });
  }

  private async claim(
    limit: number,
    { doubtful, isProbe }: Wanted,
    transaction?: Transaction,
  ): Promise<Task[]> {
    const { leaseMs, rules } = this.settings;
    const offsets = { FRESH: randomTurn(), ASKED: randomTurn(), DOUBTFUL: randomTurn() };
    const claimed = isProbe
      ? await this.queue.claimProbe(leaseMs, transaction)
      : await this.queue.claim(
          limit,
          { weights: WEIGHTS, offsets, doubtful },
          leaseMs,
          transaction,
        );
    return claimed.map((task) => new Task(task, rules));
  }
}

/**
 * Exponentially distributed with mean 1: the smallest of several, each divided by its weight, is a
 * kind's in proportion to the weights.
 */
function randomTurn(): number {
  return -Math.log(1 - Math.random());
}
