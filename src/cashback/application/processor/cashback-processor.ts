import { Injectable, Logger } from '@nestjs/common';
import type { AccrualReply, Task } from '../../domain/task.js';
import type { JudgedFault } from '../../domain/circuit-breaker.js';
import { AccrualGateway, QuestionAborted } from '../ports.js';
import { AccrualWatch } from './accrual-watch.js';
import { CashbackSettings } from '../../cashback.settings.js';
import { ClaimTasks } from './claim-tasks.js';
import { SettleVerdict } from '../settle-verdict.js';

/**
 * A claim is worth its round trip once a quarter of the hands is free; the tick serves those that
 * are freed one by one.
 */
const HANDS_PER_CLAIM = 0.25;

/**
 * Doubtful numbers get this share of the hands: 64 that hang must not hold all of them for the
 * length of a time-out, again and again.
 */
const DOUBTFUL_SHARE = 0.5;

/** Claimed tasks, asked about or being settled, for each question that may be open at once. */
const IN_HAND_PER_QUESTION = 3;

/**
 * Moves due tasks through the accrual state machine: claim, ask with no transaction open, settle
 * the answers as they arrive.
 *
 * A `round` needs neither clock nor timer; the scheduler calls it on every tick and after uploads.
 */
@Injectable()
export class CashbackProcessor {
  readonly #logger = new Logger(CashbackProcessor.name);
  readonly #inHand = new Set<Promise<void>>();
  #claiming = false;
  #claimAgain = false;
  #moreIsDue = false;
  #moreDoubtfulIsDue = false;
  #questions = 0;
  /** Of the questions, those for doubtful numbers. */
  #doubtful = 0;
  #stopping = false;
  #gateTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly claimTasks: ClaimTasks,
    private readonly gateway: AccrualGateway,
    private readonly watch: AccrualWatch,
    private readonly settle: SettleVerdict,
    private readonly settings: CashbackSettings,
  ) {}

  /**
   * Claims what is due and there are hands for; resolves when the questions have been sent, not
   * answered.
   */
  async round(): Promise<void> {
    this.#claimAgain = true;
    if (this.#claiming) return;
    this.#claiming = true;
    try {
      while (this.#claimAgain) {
        this.#claimAgain = false;
        this.#judge(await this.watch.tick());
        await this.#claim();
      }
    } catch (error) {
      this.#logger.warn(`no tasks could be claimed: ${String(error)}`);
    } finally {
      this.#claiming = false;
    }
  }

  /**
   * Gives up the questions on their way, hands their tasks back, and waits until all is settled.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#gateTimer);
    this.gateway.abortAll();
    await this.idle();
    this.#judge(this.watch.forgiveAll());
    await this.idle();
  }

  /**
   * Resolves when every question is answered and its verdict settled; a fault may still await its
   * judgement.
   */
  async idle(): Promise<void> {
    while (this.#claiming || this.#inHand.size > 0) {
      await Promise.allSettled(this.#inHand);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /**
   * Free for a question now. Answers that wait to be settled count too, or a slow database would
   * have ever more tasks claimed.
   */
  get #hands(): number {
    return Math.min(
      this.watch.window - this.#questions,
      this.settings.concurrency * IN_HAND_PER_QUESTION - this.#inHand.size,
    );
  }

  get #doubtfulHands(): number {
    return Math.max(0, Math.ceil(this.watch.window * DOUBTFUL_SHARE) - this.#doubtful);
  }

  async #claim(): Promise<void> {
    if (this.#stopping || this.#hands <= 0) return;
    const hands = this.watch.questions(this.#hands);
    if (hands === 0) return;
    const doubtful = this.#doubtfulHands;
    const { tasks, breakerOpen, waitMs, shutMs } = await this.claimTasks.execute({
      hands,
      doubtful,
      isProbe: this.watch.isInDoubt,
    });
    this.watch.follow(breakerOpen);
    this.watch.shutFor(shutMs);
    this.#moreIsDue = tasks.length === hands;
    this.#moreDoubtfulIsDue = tasks.filter(({ isDoubtful }) => isDoubtful).length === doubtful;
    for (const task of tasks) this.#hold(this.#process(task, breakerOpen));
    if (waitMs > 0) this.#roundIn(waitMs);
  }

  #claimMore(): void {
    const enough = this.watch.window * HANDS_PER_CLAIM;
    const isWorthIt =
      this.#moreIsDue ||
      (this.#moreDoubtfulIsDue && this.#doubtfulHands >= enough * DOUBTFUL_SHARE);
    if (isWorthIt && this.#hands >= enough) void this.round();
  }

  /**
   * The gate says when it opens: waiting for the next tick would cost up to a tick of every pause.
   */
  #roundIn(waitMs: number): void {
    clearTimeout(this.#gateTimer);
    if (waitMs < this.settings.tickMs && !this.#stopping)
      this.#gateTimer = setTimeout(() => void this.round(), waitMs).unref();
  }

  async #process(task: Task, isProbe: boolean): Promise<void> {
    if (task.isExhausted)
      return this.settle.execute(
        task.parked('its workers were lost each time it was asked for'),
        task,
      );
    // It came in while the task was being claimed.
    if (this.watch.shutMs > 0) return this.settle.execute(task.postponed(this.watch.shutMs), task);
    const reply = await this.#ask(task);
    this.#claimMore();
    if (!reply) return this.settle.execute(task.postponed(0), task);
    switch (reply.kind) {
      case 'limited':
        await this.watch.limited(reply);
        return this.settle.execute(task.postponed(reply.pauseMs), task);
      case 'fault':
        // A probe that hangs may fail when the system works again, and others are answered: the
        // outage's fault all the same.
        this.#judge(
          isProbe
            ? [{ task, reason: reply.reason, charged: false }]
            : await this.watch.faulted(task, reply.reason),
        );
        return;
      default:
        await this.settle.execute(task.answered(reply, Math.random()), task);
        this.#judge(await this.watch.answered(task));
        if (isProbe) void this.round();
    }
  }

  /** Undefined where the question was given up because the service stops. */
  async #ask(task: Task): Promise<AccrualReply | undefined> {
    if (this.#stopping) return undefined;
    this.watch.asked();
    this.#questions++;
    if (task.isDoubtful) this.#doubtful++;
    try {
      const reply = await this.gateway.ask(task.number);
      this.watch.replied(reply);
      return reply;
    } catch (error) {
      if (error instanceof QuestionAborted) return undefined;
      throw error;
    } finally {
      this.#questions--;
      if (task.isDoubtful) this.#doubtful--;
    }
  }

  #judge(judged: readonly JudgedFault<Task>[]): void {
    for (const { task, reason, charged } of judged) {
      const random = Math.random();
      this.#hold(
        this.settle.execute(
          charged ? task.faulted(reason, random) : task.caughtInOutage(random),
          task,
        ),
      );
    }
  }

  #hold(work: Promise<void>): void {
    const held = work
      .catch((error: unknown) => this.#logger.error(error))
      .finally(() => {
        this.#inHand.delete(held);
        this.#claimMore();
      });
    this.#inHand.add(held);
  }
}
