import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../kernel/application/ports.js';
import type { JudgedFault } from '../../domain/circuit-breaker.js';
import { RequestWindow } from '../../domain/request-window.js';
import type { AccrualReply, Task, Resolution } from '../../domain/task.js';
import { CashbackSettings } from '../../cashback.settings.js';
import { AccrualGateway, RequestAborted } from '../ports.js';
import { ResolveTask } from '../resolve-task.js';
import { AccrualHealth } from './accrual-health.js';
import { ClaimTasks } from './claim-tasks.js';

/**
 * Moves due tasks through the accrual state machine: claims them, requests the accrual of each with
 * no transaction open, and has each reply stored as it arrives.
 *
 * The processor as a whole is in one of four states. Each task goes its own way beside that, from
 * its claim until its resolution is stored.
 *
 * - IDLE: no claim is under way. A round starts one: the scheduler calls it on every tick and after
 *   an upload of this process, and the processor itself when replies have freed enough slots and
 *   the last claim left due tasks behind.
 * - CLAIMING: a claim is under way, never a second beside it. A round that is called meanwhile
 *   makes the claim start over when it is done.
 * - WAITING: like IDLE, but the gate let fewer requests through than there were slots, and told
 *   when it lets the next one through. A timer calls a round then, where that is before the next
 *   tick.
 * - STOPPING: the last state. Nothing is claimed or requested any more, requests in flight are
 *   aborted, and their tasks go back to the queue.
 */
@Injectable()
export class CashbackProcessor {
  readonly #logger = new Logger(CashbackProcessor.name);
  readonly #window: RequestWindow;
  /** The work on each task in hand: its request, then the commit of what became of it. */
  readonly #work = new Set<Promise<void>>();

  /** CLAIMING, and whether the claim starts over when it is done. */
  #isClaiming = false;
  #claimAgain = false;
  /** WAITING: calls a round when the gate lets the next request through. */
  #gateTimer: NodeJS.Timeout | undefined;
  #isStopping = false;
  /** Why the last claim has failed: rounds are many, and the log has each reason once. */
  #obstacle: string | undefined;

  constructor(
    private readonly claimTasks: ClaimTasks,
    private readonly gateway: AccrualGateway,
    private readonly health: AccrualHealth,
    private readonly resolveTask: ResolveTask,
    private readonly clock: Clock,
    private readonly settings: CashbackSettings,
  ) {
    this.#window = new RequestWindow(settings.concurrency, health);
  }

  /**
   * Claims as many due tasks as there are slots for. Resolves when their requests have gone out,
   * not when they are answered. Never rejects.
   */
  async round(): Promise<void> {
    this.#claimAgain = true;
    if (this.#isClaiming) return;
    this.#isClaiming = true;
    try {
      while (this.#claimAgain) {
        this.#claimAgain = false;
        this.#resolveFaults(await this.health.tick());
        await this.#claim();
        if (this.#obstacle !== undefined) this.#logger.warn('tasks can be claimed again');
        this.#obstacle = undefined;
      }
    } catch (error) {
      const why = String(error);
      if (why !== this.#obstacle) this.#logger.warn(`no tasks could be claimed: ${why}`);
      this.#obstacle = why;
    } finally {
      this.#isClaiming = false;
    }
  }

  /** Resolves when all tasks in hand are back in the queue, or settled. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#gateTimer);
    this.gateway.abortAll();
    await this.idle();
    this.#resolveFaults(this.health.dismissAll());
    await this.idle();
  }

  /**
   * Resolves when every request is over and its resolution stored. Faults that are not judged yet
   * are not waited for.
   */
  async idle(): Promise<void> {
    while (this.#isClaiming || this.#work.size > 0) {
      await Promise.allSettled(this.#work);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #claim(): Promise<void> {
    const now = this.clock.monotonicMs();
    const free = this.#window.free(now);
    if (this.#isStopping || free.slots === 0) return;
    const claim = await this.claimTasks.execute(free);
    const { tasks, waitMs, pausedMs } = claim;
    this.#window.claimed(tasks, free, now);
    this.#window.pause(pausedMs, this.clock.monotonicMs());
    this.health.follow(claim, now);
    for (const task of tasks) this.#track(this.#process(task, claim.isBreakerOpen));
    if (waitMs > 0) this.#roundIn(waitMs);
  }

  #claimMore(): void {
    if (this.#window.isClaimWorthwhile(this.clock.monotonicMs())) void this.round();
  }

  #roundIn(waitMs: number): void {
    clearTimeout(this.#gateTimer);
    if (waitMs < this.settings.tickMs && !this.#isStopping)
      this.#gateTimer = setTimeout(() => void this.round(), waitMs).unref();
  }

  async #process(task: Task, isProbe: boolean): Promise<void> {
    if (task.isExhausted)
      return this.#resolve(task, task.parked('its workers were lost each time it was claimed'));
    // A 429 came in while the task was being claimed, here or at another replica.
    const pausedMs = this.#window.pausedMs(this.clock.monotonicMs());
    if (pausedMs > 0) return this.#resolve(task, task.postponed(pausedMs));
    const reply = await this.#request(task);
    this.#claimMore();
    if (!reply) return this.#resolve(task, task.postponed(0));
    switch (reply.kind) {
      case 'limited':
        await this.health.limited(reply);
        return this.#resolve(task, task.postponed(reply.pauseMs));
      case 'fault':
        this.#resolveFaults(
          isProbe
            ? this.health.probeFaulted(task, reply.reason)
            : this.health.faulted(task, reply.reason),
        );
        return;
      default:
        await this.#resolve(task, task.answered(reply, Math.random()));
        this.#resolveFaults(await this.health.answered(task));
        if (isProbe) void this.round();
    }
  }

  /** Undefined where the request was aborted, or not sent, because the service stops. */
  async #request(task: Task): Promise<AccrualReply | undefined> {
    if (this.#isStopping) return undefined;
    this.#window.requested(task, this.clock.monotonicMs());
    let reply: AccrualReply | undefined;
    try {
      reply = await this.gateway.request(task.number, task.trace);
      this.#logger.debug('the accrual system was asked', {
        order: task.number.value,
        userId: task.userId,
        traceId: task.trace?.id,
        reply: reply.kind,
      });
      return reply;
    } catch (error) {
      if (error instanceof RequestAborted) return undefined;
      throw error;
    } finally {
      this.#window.replied(task, reply, this.clock.monotonicMs());
    }
  }

  #resolve(task: Task, resolution: Resolution): Promise<void> {
    return this.resolveTask.execute(resolution, task);
  }

  #resolveFaults(judged: readonly JudgedFault<Task>[]): void {
    for (const { task, reason, spendsTry } of judged) {
      const random = Math.random();
      this.#track(
        this.#resolve(
          task,
          spendsTry ? task.faulted(reason, random) : task.caughtInOutage(reason, random),
        ),
      );
    }
  }

  #track(work: Promise<void>): void {
    this.#window.started();
    const tracked = work
      .catch((error: unknown) => this.#logger.error(error))
      .finally(() => {
        this.#work.delete(tracked);
        this.#window.finished();
        this.#claimMore();
      });
    this.#work.add(tracked);
  }
}
