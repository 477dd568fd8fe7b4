import { Injectable, Logger } from '@nestjs/common';
import { StatementCanceled } from '../../../kernel/application/persistence-errors.js';
import { Clock } from '../../../kernel/application/ports.js';
import { type Transaction, UnitOfWork } from '../../../kernel/application/unit-of-work.js';
import type { AccrualGate } from '../../domain/accrual-gate.js';
import type { FreeSlots } from '../../domain/request-window.js';
import { longestWaitMs } from '../../domain/spacing.js';
import { Task } from '../../domain/task.js';
import { CashbackSettings } from '../../cashback.settings.js';
import { GateRepository, QueueRepository } from '../ports.js';

/** What a claim got. */
export interface Claim {
  readonly tasks: readonly Task[];
  /** The accrual system is out: the task, if any, is a probe. */
  readonly isBreakerOpen: boolean;
  /** Requests fail, and none of any replica is answered. */
  readonly isUnanswered: boolean;
  /** When the gate lets the next request through, in milliseconds; 0 where it held none back. */
  readonly waitMs: number;
  /**
   * For how long no request must go out, in milliseconds, though tasks may have been claimed: some
   * replica was told 429. 0 where none was.
   */
  readonly pausedMs: number;
}

/**
 * A claim that took longer, in milliseconds, reads the gate again: another replica may have been
 * told 429 meanwhile, and all replicas stop within 100 ms of a 429.
 */
const OUTDATED_MS = 30;

/**
 * Tasks that wait because the database's clock was set back are looked for so often, in
 * milliseconds, and less often in a long queue: the search takes no more than this share of time.
 */
const RESCHEDULE_EVERY_MS = 5_000;
const RESCHEDULE_SHARE = 0.01;

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
  readonly #logger = new Logger(ClaimTasks.name);
  #rescheduleAt = -Infinity;

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
    const beganMs = this.clock.monotonicMs();
    if (beganMs >= this.#rescheduleAt) await this.reschedule(beganMs);
    const gate = await this.gates.read();
    const claim = gate.isWideOpen
      ? await this.throughOpenGate(free, gate)
      : await this.throughNarrowGate(free);
    const isOutdated = claim.tasks.length > 0 && this.clock.monotonicMs() - beganMs > OUTDATED_MS;
    return isOutdated ? { ...claim, pausedMs: (await this.gates.read()).pausedMs } : claim;
  }

  /**
   * Where tasks are found there may be more: the next claim looks again. A queue may be so long
   * that the search takes more time than a statement has: then tasks are claimed without it.
   */
  private async reschedule(beganMs: number): Promise<void> {
    const { leaseMs, rules } = this.settings;
    try {
      const count = await this.queue.reschedule(leaseMs, longestWaitMs(rules));
      if (count > 0) {
        this.#logger.warn(
          `${count} tasks wait for longer than they can, as after the database's clock was set ` +
            'back: their waits begin anew',
        );
        return;
      }
    } catch (error) {
      if (!(error instanceof StatementCanceled)) throw error;
      this.#logger.warn(`nobody knows whether tasks wait for too long: ${error.message}`);
    }
    const now = this.clock.monotonicMs();
    this.#rescheduleAt = now + Math.max(RESCHEDULE_EVERY_MS, (now - beganMs) / RESCHEDULE_SHARE);
  }

  private async throughOpenGate(free: FreeSlots, gate: AccrualGate): Promise<Claim> {
    return {
      tasks: await this.claim(free.slots, free),
      isBreakerOpen: false,
      isUnanswered: gate.isUnanswered,
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
      if (tasks.length > 0 || gate.isMended) this.gates.save(transaction, gate);
      return {
        tasks,
        isBreakerOpen: gate.isBreakerOpen,
        isUnanswered: gate.isUnanswered,
        waitMs: tasks.length < free.slots ? gate.waitMs : 0,
        // Kept by this process's own clock too: the database's may be set forward meanwhile.
        pausedMs: gate.pausedMs,
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
