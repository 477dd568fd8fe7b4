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

/** So many orders at fault, with no answer between them, raise the doubt that the system is out. */
const THRESHOLD = 3;

/** The doubt is certainty after so long without any answer, in milliseconds. */
const DOUBT_MS = 1_000;

/** While in doubt one question at a time goes out, this long after the one before, in milliseconds. */
const DOUBT_INTERVAL_MS = 100;

/** A fault that no answer follows for so long, in milliseconds, is nobody's: the order is asked again, no try spent. */
const PATIENCE_MS = 1_500;

/**
 * Tells an order's own fault from an outage of the whole accrual system.
 *
 * A fault is a suspect first. It is charged when another order is answered while the breaker is closed. Faults of several orders with no answer between them
 * raise a doubt: few questions go out, to numbers never asked about if there are any, and the first answer charges the suspects. When none comes for a
 * second, the breaker opens and they are all forgiven: an outage spends no try. So ten orders that always fail cannot open it beside
 * others that are answered. All times are in milliseconds.
 */
export class CircuitBreaker<T> {
  #suspects: Suspect<T>[] = [];
  /** Orders, not faults: one that hangs each time it is asked must not pass for an outage. */
  readonly #faultyInARow = new Set<string>();
  #doubtSince = 0;
  #askedInDoubtAt = 0;
  #open = false;

  /** @param orderOf tells the order that a task is about. */
  constructor(private readonly orderOf: (task: T) => string) {}

  get isOpen(): boolean {
    return this.#open;
  }

  get isInDoubt(): boolean {
    return !this.#open && this.#faultyInARow.size >= THRESHOLD;
  }

  /** How many of `wanted` new questions may go out, `others` being on their way. */
  questions(wanted: number, others: number, now: number): number {
    if (!this.isInDoubt) return wanted;
    if (others > 0 || now - this.#askedInDoubtAt < DOUBT_INTERVAL_MS) return 0;
    this.#askedInDoubtAt = now;
    return Math.min(1, wanted);
  }

  /** Takes over what another replica found out. */
  follow(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.#faultyInARow.clear();
  }

  /** An order was answered, whatever the answer: the system works, and the suspects failed by themselves. */
  answered(): JudgedFault<T>[] {
    const charged = !this.#open;
    this.#open = false;
    this.#faultyInARow.clear();
    return this.#judge(() => true, charged);
  }

  /** An order got no usable answer. Returns who is judged by it: all, when it is known already that the system is out. */
  faulted(task: T, reason: string, now: number): JudgedFault<T>[] {
    this.#suspects.push({ task, reason, since: now });
    const wasInDoubt = this.isInDoubt;
    this.#faultyInARow.add(this.orderOf(task));
    if (this.isInDoubt && !wasInDoubt) this.#doubtSince = now;
    return this.#open ? this.forgiveAll() : [];
  }

  /** Time passes: a doubt becomes certainty, and who waited for a judgement too long is forgiven. */
  tick(now: number): JudgedFault<T>[] {
    if (this.isInDoubt && now - this.#doubtSince >= DOUBT_MS) this.#open = true;
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
