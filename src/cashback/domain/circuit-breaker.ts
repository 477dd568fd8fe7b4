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

/** While in doubt single questions go out, this long after each other, in milliseconds. */
const DOUBT_INTERVAL_MS = 100;

/**
 * For so long after an answer only orders that never failed before can raise a doubt, in
 * milliseconds.
 */
const TRUST_MS = 10_000;

/**
 * So many failing orders are remembered; those parked or answered elsewhere would otherwise stay
 * for ever.
 */
const REMEMBERED = 10_000;

/**
 * A fault that no answer follows for so long, in milliseconds, is nobody's: the order is asked
 * again, no try spent.
 */
const PATIENCE_MS = 1_500;

/**
 * Tells an order's own fault from an outage of the whole accrual system.
 *
 * A fault is a suspect first. It is charged when another order is answered while the breaker is
 * closed. Faults of several orders with no answer between them raise a doubt: single questions go
 * out, to numbers never asked about if there are any, and the first answer charges the suspects.
 * When none comes for a second, the breaker opens and they are all forgiven: an outage spends no
 * try. All times are in milliseconds.
 */
export class CircuitBreaker<T> {
  #suspects: Suspect<T>[] = [];
  /** Orders, not faults: one that hangs each time it is asked must not pass for an outage. */
  readonly #faultyInARow = new Set<string>();
  /**
   * Orders whose last reply was a fault: when they fail again beside others that are answered, that
   * says nothing of the system.
   */
  readonly #knownFaulty = new Set<string>();
  #doubtSince = 0;
  #answeredAt = -Infinity;
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

  /** How many of `wanted` new questions may go out. */
  questions(wanted: number, now: number): number {
    if (!this.isInDoubt) return wanted;
    if (now - this.#askedInDoubtAt < DOUBT_INTERVAL_MS) return 0;
    this.#askedInDoubtAt = now;
    return Math.min(1, wanted);
  }

  /** Takes over what another replica found out. */
  follow(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.#faultyInARow.clear();
  }

  /**
   * An order was answered, whatever the answer: the system works, and the suspects failed by
   * themselves.
   */
  answered(task: T, now: number): JudgedFault<T>[] {
    const charged = !this.#open;
    this.#answeredAt = now;
    this.#knownFaulty.delete(this.orderOf(task));
    this.#open = false;
    this.#faultyInARow.clear();
    return this.#judge(() => true, charged);
  }

  /**
   * An order got no usable answer. Returns who is judged by it: all, when it is known already that
   * the system is out.
   */
  faulted(task: T, reason: string, now: number): JudgedFault<T>[] {
    this.#suspects.push({ task, reason, since: now });
    const order = this.orderOf(task);
    const wasInDoubt = this.isInDoubt;
    if (!this.#knownFaulty.has(order) || now - this.#answeredAt > TRUST_MS)
      this.#faultyInARow.add(order);
    this.#remember(order);
    if (this.isInDoubt && !wasInDoubt) this.#doubtSince = now;
    return this.#open ? this.forgiveAll() : [];
  }

  /**
   * Time passes: a doubt becomes certainty, and who waited for a judgement too long is forgiven.
   */
  tick(now: number): JudgedFault<T>[] {
    if (this.isInDoubt && now - this.#doubtSince >= DOUBT_MS) this.#open = true;
    return this.#open
      ? this.forgiveAll()
      : this.#judge(({ since }) => now - since >= PATIENCE_MS, false);
  }

  forgiveAll(): JudgedFault<T>[] {
    return this.#judge(() => true, false);
  }

  /** The latest last, the oldest forgotten: a set keeps the order of insertion. */
  #remember(order: string): void {
    this.#knownFaulty.delete(order);
    this.#knownFaulty.add(order);
    const [oldest] = this.#knownFaulty;
    if (oldest !== undefined && this.#knownFaulty.size > REMEMBERED)
      this.#knownFaulty.delete(oldest);
  }

  #judge(which: (suspect: Suspect<T>) => boolean, charged: boolean): JudgedFault<T>[] {
    const judged = this.#suspects.filter(which);
    this.#suspects = this.#suspects.filter((suspect) => !which(suspect));
    return judged.map(({ task, reason }) => ({ task, reason, charged }));
  }
}
