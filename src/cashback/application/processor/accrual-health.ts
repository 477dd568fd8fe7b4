import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../kernel/application/ports.js';
import type { AccrualGate } from '../../domain/accrual-gate.js';
import type { AccrualReply, Task } from '../../domain/task.js';
import { CircuitBreaker, type JudgedFault } from '../../domain/circuit-breaker.js';
import { UpdateGate } from '../update-gate.js';

/**
 * Whether the accrual system works, as far as this process knows: judges its faults, and tells the
 * other replicas through the gate.
 */
@Injectable()
export class AccrualHealth {
  readonly #logger = new Logger(AccrualHealth.name);
  readonly #breaker = new CircuitBreaker<Task>(({ orderId }) => orderId);
  /** Updates of the gate on their way: sixty replies of one burst say the same thing once. */
  readonly #updates = new Map<string, Promise<void>>();

  constructor(
    private readonly updateGate: UpdateGate,
    private readonly clock: Clock,
  ) {}

  /** The system may be out: single requests shall find out. */
  get isInDoubt(): boolean {
    return this.#breaker.isInDoubt;
  }

  /** Takes over what the gate says. */
  follow(breakerOpen: boolean): void {
    this.#breaker.follow(breakerOpen);
  }

  /** An order was answered: the system works. Returns the faults that are judged by it. */
  async answered(task: Task): Promise<JudgedFault<Task>[]> {
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.answered(task, this.#nowMs());
    if (wasOpen) {
      this.#logger.warn('the accrual system answers again');
      await this.#tellGate('closed', (gate) => gate.closeBreaker());
    }
    return judged;
  }

  /** An order got no usable answer. Returns the faults that are judged by it. */
  async faulted(task: Task, reason: string): Promise<JudgedFault<Task>[]> {
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.faulted(task, reason, this.#nowMs());
    if (this.#breaker.isOpen && !wasOpen) await this.#announceOutage(reason);
    return judged;
  }

  /** The system said 429: no replica shall send a request before the pause is over. */
  limited({ pauseMs, ratePerMinute }: Extract<AccrualReply, { kind: 'limited' }>): Promise<void> {
    return this.#tellGate(`limited ${pauseMs} ${ratePerMinute ?? ''}`, (gate) =>
      gate.pause(pauseMs, ratePerMinute),
    );
  }

  /** To be called before each claim. Returns the faults that are judged by the time that passed. */
  async tick(): Promise<JudgedFault<Task>[]> {
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.tick(this.#nowMs());
    if (this.#breaker.isOpen && !wasOpen)
      await this.#announceOutage(judged[0]?.reason ?? 'no answers');
    return judged;
  }

  /** Returns all faults that are not judged yet; none of them spends a try. */
  dismissAll(): JudgedFault<Task>[] {
    return this.#breaker.dismissAll();
  }

  async #announceOutage(reason: string): Promise<void> {
    this.#logger.warn(`the accrual system is out: ${reason}`);
    await this.#tellGate('open', (gate) => gate.openBreaker());
  }

  /**
   * Never rejects: the gate can be told again by the next reply, but the task of this reply must be
   * settled now.
   */
  #tellGate(what: string, adjust: (gate: AccrualGate) => void): Promise<void> {
    const update =
      this.#updates.get(what) ??
      this.updateGate
        .execute(adjust)
        .catch((error: unknown) =>
          this.#logger.warn(`the other replicas could not be told (${what}): ${String(error)}`),
        )
        .finally(() => this.#updates.delete(what));
    this.#updates.set(what, update);
    return update;
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}
