import { Injectable } from '@nestjs/common';
import { Clock } from '../../../kernel/application/ports.js';
import { type Transaction, UnitOfWork } from '../../../kernel/application/unit-of-work.js';
import type { FreeSlots } from '../../domain/request-window.js';
import { Task } from '../../domain/task.js';
import { CashbackSettings } from '../../cashback.settings.js';
import { GateRepository, QueueRepository } from '../ports.js';

/** What a claim got. */
export interface Claim {
  readonly tasks: readonly Task[];
  /** The accrual system is out: the task, if any, is a probe. */
  readonly breakerOpen: boolean;
  /** When the gate lets the next request through, in milliseconds; 0 where it held none back. */
  readonly waitMs: number;
  /**
   * For how long the requests must not go out after all, in milliseconds: another replica was told
   * 429 while the tasks were being claimed. 0 where none was.
   */
  readonly pausedMs: number;
}

/**
 * A claim that took longer, in milliseconds, reads the gate again: another replica may have been
 * told 429 meanwhile, and all replicas stop within 100 ms of a 429.
 */
const OUTDATED_MS = 30;

/**
 * The shares of the priorities while tasks of all of them are due. More than half is for new
 * orders. The others get the rest, so that no priority starves another. Under a limit, 500 numbers
 * that the accrual system does not know slow the known ones down by a seventh; with even shares
 * they took twice as long (ADR 0006).
 */
const WEIGHTS = { FRESH: 6, RETRIED: 4, SUSPECT: 1 } as const;

/** Leases due tasks to this process, no more than there are slots for and the gate permits. */
@Injectable()
export class ClaimTasks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly gates: GateRepository,
    private readonly queue: QueueRepository,
    private readonly settings: CashbackSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws DatabaseUnavailable and other errors of the database. What was leased by then stays so
   * until its lease ends.
   */
  async execute(free: FreeSlots): Promise<Claim> {
    const beganMs = this.clock.now().getTime();
    const gate = await this.gates.read();
    const claim = gate.isWideOpen
      ? await this.throughOpenGate(free)
      : await this.throughNarrowGate(free);
    const isOutdated = claim.tasks.length > 0 && this.clock.now().getTime() - beganMs > OUTDATED_MS;
    return isOutdated ? { ...claim, pausedMs: (await this.gates.read()).pausedMs } : claim;
  }

  private async throughOpenGate(free: FreeSlots): Promise<Claim> {
    return {
      tasks: await this.claim(free.slots, free),
      breakerOpen: false,
      waitMs: 0,
      pausedMs: 0,
    };
  }

  /** Permits are counted under the row's lock, once for a claim and not for each request. */
  private throughNarrowGate(free: FreeSlots): Promise<Claim> {
    return this.unitOfWork.run(async (transaction) => {
      const gate = await this.gates.lock(transaction);
      const permits = gate.permits(free.slots);
      const isProbe = free.isProbe || gate.isBreakerOpen;
      const tasks =
        permits === 0 ? [] : await this.claim(permits, { ...free, isProbe }, transaction);
      gate.take(tasks.length);
      if (tasks.length > 0) this.gates.save(transaction, gate);
      return {
        tasks,
        breakerOpen: gate.isBreakerOpen,
        waitMs: tasks.length < free.slots ? gate.waitMs : 0,
        pausedMs: 0,
      };
    });
  }

  private async claim(
    limit: number,
    { suspects, isProbe }: FreeSlots,
    transaction?: Transaction,
  ): Promise<Task[]> {
    const { leaseMs, rules } = this.settings;
    const offsets = { FRESH: randomTurn(), RETRIED: randomTurn(), SUSPECT: randomTurn() };
    const claimed = isProbe
      ? await this.queue.claimProbe(leaseMs, transaction)
      : await this.queue.claim(
          limit,
          { weights: WEIGHTS, offsets, suspects },
          leaseMs,
          transaction,
        );
    return claimed.map((task) => new Task(task, rules));
  }
}

/**
 * Where a priority begins in its turn. Of several exponentially distributed numbers, each divided
 * by its weight, each is the smallest with a probability in proportion to its weight: so a claim of
 * a single task is shared out by the weights too.
 */
function randomTurn(): number {
  return -Math.log(1 - Math.random());
}
