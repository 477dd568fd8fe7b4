import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../../kernel/application/ports.js';
import type { AccrualGate } from '../../domain/accrual-gate.js';
import type { AccrualReply, Task } from '../../domain/task.js';
import { CircuitBreaker, type JudgedFault } from '../../domain/circuit-breaker.js';
import { UpdateGate } from '../update-gate.js';

/** Requests have failed for so long, in milliseconds, and none was answered: operators are told. */
const TOLD_AFTER_MS = 3_000;

/** A fault so long after the last one, in milliseconds, is of another outage, and is told anew. */
const OUTAGE_FORGOTTEN_MS = 60_000;

/** What the gate says of the accrual system. */
interface SharedHealth {
  readonly isBreakerOpen: boolean;
  readonly isUnanswered: boolean;
}

/** Requests have failed, and none was answered since. */
interface Outage {
  readonly since: number;
  readonly reason: string;
}

/**
 * Whether the accrual system works, as far as this process knows: judges its faults, and tells the
 * other replicas through the gate.
 *
 * The breaker needs several orders to open. Operators are told of an outage whatever number of
 * orders waits: each replica logs its own, once, and the gate has that of all replicas.
 */
@Injectable()
export class AccrualHealth {
  readonly #logger = new Logger(AccrualHealth.name);
  readonly #breaker = new CircuitBreaker<Task>(({ orderId }) => orderId);
  /** Updates of the gate on their way: sixty replies of one burst say the same thing once. */
  readonly #updates = new Map<string, Promise<void>>();

  #outage: Outage | undefined;
  #isLogged = false;
  #lastFaultAt = -Infinity;
  /** The gate says that requests are not answered, as far as this process knows. */
  #isInGate = false;
  /** When the pause ends that is in the log. */
  #limitedUntil = -Infinity;
  /** When this process last told the gate something. */
  #toldAt = -Infinity;

  constructor(
    private readonly updateGate: UpdateGate,
    private readonly clock: Clock,
  ) {}

  /** The system may be out: single requests shall find out. */
  get isInDoubt(): boolean {
    return this.#breaker.isInDoubt;
  }

  /**
   * Takes over what the gate says.
   *
   * @param readAt when it was read, at the earliest. What this process has told it since counts
   * more.
   */
  follow({ isBreakerOpen, isUnanswered }: SharedHealth, readAt: number): void {
    if (readAt < this.#toldAt || this.#updates.size > 0) return;
    this.#breaker.follow(isBreakerOpen);
    // Another replica was answered. It takes new faults to say that nobody is.
    if (this.#isInGate && !isUnanswered) this.#outage = undefined;
    this.#isInGate = isUnanswered;
  }

  /** An order was answered: the system works. Returns the faults that are judged by it. */
  async answered(task: Task): Promise<JudgedFault<Task>[]> {
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.answered(task, this.clock.monotonicMs());
    this.#outage = undefined;
    if (this.#isLogged || this.#isInGate || wasOpen) {
      this.#isLogged = this.#isInGate = false;
      this.#logger.warn('the accrual system answers again');
      await this.#tellGate('answered', (gate) => gate.answered());
    }
    return judged;
  }

  /** An order got no usable answer. Returns the faults that are judged by it. */
  faulted(task: Task, reason: string): JudgedFault<Task>[] {
    this.#see(reason);
    return this.#breaker.faulted(task, reason, this.clock.monotonicMs());
  }

  /**
   * A probe got no usable answer. It may have hung until the system worked again and others were
   * answered: it is the outage's fault all the same.
   */
  probeFaulted(task: Task, reason: string): JudgedFault<Task>[] {
    this.#see(reason);
    return [{ task, reason, spendsTry: false }];
  }

  /** The system said 429: no replica shall send a request before the pause is over. */
  limited({ pauseMs, ratePerMinute }: Extract<AccrualReply, { kind: 'limited' }>): Promise<void> {
    const now = this.clock.monotonicMs();
    if (now >= this.#limitedUntil)
      this.#logger.warn('the accrual system limits us: no request until the pause is over', {
        pauseSeconds: pauseMs / 1_000,
        perMinute: ratePerMinute,
      });
    this.#limitedUntil = Math.max(this.#limitedUntil, now + pauseMs);
    return this.#tellGate(`limited ${pauseMs} ${ratePerMinute ?? ''}`, (gate) =>
      gate.pause(pauseMs, ratePerMinute),
    );
  }

  /** To be called before each claim. Returns the faults that are judged by the time that passed. */
  async tick(): Promise<JudgedFault<Task>[]> {
    const now = this.clock.monotonicMs();
    const wasOpen = this.#breaker.isOpen;
    const judged = this.#breaker.tick(now);
    if (this.#breaker.isOpen && !wasOpen) {
      this.#outage ??= { since: now, reason: judged[0]?.reason ?? 'no answers' };
      await this.#tellOutage(this.#outage, now, true);
    } else if (this.#outage && now - this.#outage.since >= TOLD_AFTER_MS) {
      await this.#tellOutage(this.#outage, now, false);
    }
    return judged;
  }

  /** Returns all faults that are not judged yet; none of them spends a try. */
  dismissAll(): JudgedFault<Task>[] {
    return this.#breaker.dismissAll();
  }

  #see(reason: string): void {
    const now = this.clock.monotonicMs();
    if (now - this.#lastFaultAt > OUTAGE_FORGOTTEN_MS) this.#isLogged = false;
    this.#lastFaultAt = now;
    this.#outage = { since: this.#outage?.since ?? now, reason };
  }

  async #tellOutage({ since, reason }: Outage, now: number, hasOpened: boolean): Promise<void> {
    if (!this.#isLogged)
      this.#logger.warn(`no request to the accrual system is answered: ${reason}`);
    this.#isLogged = true;
    if (this.#isInGate && !hasOpened) return;
    this.#isInGate = true;
    await this.#tellGate(hasOpened ? 'open' : 'unanswered', (gate) => {
      gate.unanswered(now - since, reason);
      if (hasOpened) gate.openBreaker();
    });
  }

  /**
   * Never rejects: the gate can be told again by the next reply, but the task of this reply must be
   * settled now.
   */
  async #tellGate(what: string, adjust: (gate: AccrualGate) => void): Promise<void> {
    const update =
      this.#updates.get(what) ??
      this.updateGate
        .execute(adjust)
        .catch((error: unknown) =>
          this.#logger.warn(`the other replicas could not be told (${what}): ${String(error)}`),
        )
        .finally(() => this.#updates.delete(what));
    this.#updates.set(what, update);
    await update;
    this.#toldAt = this.clock.monotonicMs();
  }
}
