interface Suspect<T> {
  readonly task: T;
  readonly reason: string;
  readonly since: number;
}

/** A fault, and whether it is the order's own (`charged`) or the whole system's. */
export interface JudgedFault<T> {
  readonly task: T;
  readonly reason: string;
  readonly charged: boolean;
}

/** So many faults in a row, with no answer between them, raise the doubt that the system is out. */
const THRESHOLD = 5;

/** The doubt is certainty after so long without any answer, in milliseconds. */
const DOUBT_MS = 1_000;

/** A fault that no answer follows for so long, in milliseconds, is nobody's: the order is asked again, no try spent. */
const PATIENCE_MS = 2_000;

/**
 * Tells an order's own fault from an outage of the whole accrual system.
 *
 * A fault is a suspect first. It is charged when another order is answered while the breaker is closed; when faults follow
 * each other and no answer comes, the breaker opens and they are all forgiven: an outage spends no try. Fifty orders that always
 * fail cannot open it while others are on their way: those are waited for.
 */
export class CircuitBreaker<T> {
  #suspects: Suspect<T>[] = [];
  #faultsInARow = 0;
  #open = false;

  get isOpen(): boolean {
    return this.#open;
  }

  /** Whether to hold new questions back until those on their way have shown if the system is out. */
  get isInDoubt(): boolean {
    return !this.#open && this.#faultsInARow >= THRESHOLD;
  }

  /** Takes over what another replica found out. */
  follow(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.#faultsInARow = 0;
  }

  /** An order was answered, whatever the answer: the system works, and the suspects failed by themselves. */
  answered(): JudgedFault<T>[] {
    const charged = !this.#open;
    this.#open = false;
    this.#faultsInARow = 0;
    return this.#judge(() => true, charged);
  }

  /**
   * An order got no usable answer at `now` (milliseconds), `others` more being on their way. Returns who is judged by it.
   */
  faulted(task: T, reason: string, now: number, others: number): JudgedFault<T>[] {
    this.#suspects.push({ task, reason, since: now });
    this.#faultsInARow++;
    if (this.isInDoubt && others === 0) this.#open = true;
    return this.#open ? this.forgiveAll() : [];
  }

  /** Time passes: a doubt becomes certainty, and who waited for a judgement too long is forgiven. */
  tick(now: number): JudgedFault<T>[] {
    if (this.isInDoubt && this.#suspects.some(({ since }) => now - since >= DOUBT_MS)) this.#open = true;
    return this.#open ? this.forgiveAll() : this.#judge(({ since }) => now - since >= PATIENCE_MS, false);
  }

  forgiveAll(): JudgedFault<T>[] {
    return this.#judge(() => true, false);
  }

  #judge(which: (suspect: Suspect<T>) => boolean, charged: boolean): JudgedFault<T>[] {
    const judged = this.#suspects.filter(which);
    this.#suspects = this.#suspects.filter((suspect) => !which(suspect));
    return judged.map(({ task, reason }) => ({ task, reason, charged }));
  }
}
