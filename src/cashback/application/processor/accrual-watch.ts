import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../kernel/application/system.js';
import type { AccrualGate } from '../../domain/accrual-gate.js';
import type { AccrualReply, Task } from '../../domain/task.js';
import { CircuitBreaker, type JudgedFault } from '../../domain/circuit-breaker.js';
import { SlowStart } from '../../domain/slow-start.js';
import { AdjustGate } from '../adjust-gate.js';
import { CashbackSettings } from '../../cashback.settings.js';

/**
 * Watches how the accrual system as a whole is doing, and tells the other replicas through the
 * gate.
 */
@Injectable()
export class AccrualWatch {
  readonly #logger = new Logger(AccrualWatch.name);
  readonly #breaker = new CircuitBreaker<Task>(({ orderId }) => orderId);
  /** Gate adjustments on their way: sixty replies of one burst say the same thing once. */
  readonly #telling = new Map<string, Promise<void>>();
  readonly #slowStart: SlowStart;
  #shutUntilMs = 0;

  constructor(
    private readonly adjustGate: AdjustGate,
    private readonly clock: Clock,
    { concurrency }: CashbackSettings,
  ) {
    this.#slowStart = new SlowStart(concurrency);
  }

  /** How long nobody may be asked, in milliseconds, because of a 429; 0 otherwise. */
  get shutMs(): number {
    return Math.max(0, this.#shutUntilMs - this.#nowMs());
  }

  /** Another replica was told 429. */
  shutFor(ms: number): void {
    this.#shutUntilMs = Math.max(this.#shutUntilMs, this.#nowMs() + ms);
  }

  /** How many questions may be open at once. */
  get window(): number {
    return this.#slowStart.window(this.#nowMs());
  }

  /** A question goes out. */
  asked(): void {
    this.#slowStart.asked(this.#nowMs());
  }

  /** A reply came in, not yet settled. */
  replied({ kind }: AccrualReply): void {
    if (kind !== 'fault' && kind !== 'limited') this.#slowStart.answered();
  }

  /**
   * How many of `wanted` new questions may go out: what the gate in the database may not know yet.
   */
  questions(wanted: number): number {
    return this.shutMs > 0 ? 0 : this.#breaker.questions(wanted, this.#nowMs());
  }

  /** Whether it is doubtful that the system works at all. */
  get isInDoubt(): boolean {
    return this.#breaker.isInDoubt;
  }

  /** Takes over what the gate says. */
  follow(breakerOpen: boolean): void {
    this.#breaker.follow(breakerOpen);
  }

  /** An order was answered: the system works. Returns the faults that are thereby judged. */
  async answered(task: Task): Promise<JudgedFault<Task>[]> {
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.answered(task, this.#nowMs());
    if (wasOpen) {
      this.#logger.warn('the accrual system answers again');
      await this.#tell('closed', (gate) => gate.closeBreaker());
    }
    return judged;
  }

  /** An order got no usable answer. */
  async faulted(task: Task, reason: string): Promise<JudgedFault<Task>[]> {
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.faulted(task, reason, this.#nowMs());
    if (this.#breaker.isOpen && !wasOpen) await this.#announceOutage(reason);
    return judged;
  }

  /** Too fast: nobody asks again before the pause is over. */
  async limited({
    pauseMs,
    ratePerMinute,
  }: Extract<AccrualReply, { kind: 'limited' }>): Promise<void> {
    this.shutFor(pauseMs);
    this.#slowStart.restart(this.#shutUntilMs);
    await this.#tell(`limited ${pauseMs} ${ratePerMinute ?? ''}`, (gate) =>
      gate.pause(pauseMs, ratePerMinute),
    );
  }

  /** Time passes. Returns the faults that are judged by it. */
  async tick(): Promise<JudgedFault<Task>[]> {
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.tick(this.#nowMs());
    if (this.#breaker.isOpen && !wasOpen)
      await this.#announceOutage(judged[0]?.reason ?? 'no answers');
    return judged;
  }

  forgiveAll(): JudgedFault<Task>[] {
    return this.#breaker.forgiveAll();
  }

  async #announceOutage(reason: string): Promise<void> {
    this.#logger.warn(`the accrual system is out: ${reason}`);
    await this.#tell('open', (gate) => gate.openBreaker());
  }

  /**
   * Never rejects: the gate can be told again by the next reply, but a task whose reply is at hand
   * must be settled.
   */
  #tell(what: string, adjust: (gate: AccrualGate) => void): Promise<void> {
    const telling =
      this.#telling.get(what) ??
      this.adjustGate
        .execute(adjust)
        .catch((error: unknown) =>
          this.#logger.warn(`the other replicas could not be told (${what}): ${String(error)}`),
        )
        .finally(() => this.#telling.delete(what));
    this.#telling.set(what, telling);
    return telling;
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}
