/** A fault that may be the order's own or the whole system's: it is not known yet. */
interface PendingFault<T> {
  readonly task: T;
  readonly reason: string;
  readonly since: number;
}

/** A fault of which that is decided. */
export interface JudgedFault<T> {
  readonly task: T;
  readonly reason: string;
  /** It is the order's own. Otherwise it is the system's, or cannot be told. */
  readonly spendsTry: boolean;
}

/** So many orders at fault, with no answer between them, raise the doubt that the system is out. */
const THRESHOLD = 3;

/** After so long in doubt without any answer, in milliseconds, the breaker opens. */
const DOUBT_MS = 1_000;

/**
 * For so long after an answer, in milliseconds, orders that failed before raise no doubt; only
 * others can.
 */
const TRUST_MS = 10_000;

/**
 * So many failing orders are remembered. Without a bound, those that were parked, or answered in
 * another process, would stay for ever.
 */
const REMEMBERED = 10_000;

/** A fault that no answer follows for so long, in milliseconds, is dismissed: no try is spent. */
const PATIENCE_MS = 1_500;

/**
 * Tells an order's own fault from an outage of the whole accrual system (ADR 0007).
 *
 * A fault is pending first. When another order is answered while the breaker is closed, the system
 * works: each pending fault is its order's own and spends a try. When several orders fail with no
 * answer between them, the breaker is in doubt: single requests go out, for new orders if there are
 * any. An answer ends the doubt. When none comes for a second, the breaker opens and dismisses all
 * pending faults: an outage spends no try.
 *
 * All times are in milliseconds of the monotonic clock.
 */
export class CircuitBreaker<T> {
  #pending: PendingFault<T>[] = [];
  /** Orders, not faults: one order that hangs at each request is no outage. */
  readonly #faultyInARow = new Set<string>();
  /**
   * Orders whose last reply was a fault. When they fail again while others are answered, that says
   * nothing of the system.
   */
  readonly #knownFaulty = new Set<string>();
  #doubtSince = 0;
  #answeredAt = -Infinity;
  #open = false;

  /** @param orderOf tells the order that a task is about. */
  constructor(private readonly orderOf: (task: T) => string) {}

  /** The system is out. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** The system may be out. */
  get isInDoubt(): boolean {
    return !this.#open && this.#faultyInARow.size >= THRESHOLD;
  }

  /** Takes over what another replica found out. */
  follow(open: boolean): void {
    if (open === this.#open) return;
    this.#open = open;
    this.#faultyInARow.clear();
  }

  /**
   * An order was answered, whatever the answer: the system works. Returns all pending faults; they
   * spend a try unless the breaker was open.
   */
  answered(task: T, now: number): JudgedFault<T>[] {
    const wasClosed = !this.#open;
    this.#answeredAt = now;
    this.#knownFaulty.delete(this.orderOf(task));
    this.#open = false;
    this.#faultyInARow.clear();
    return this.#judge(() => true, wasClosed);
  }

  /**
   * An order got no usable answer. Returns the faults that are judged by it: with the breaker open
   * all, otherwise none yet.
   */
  faulted(task: T, reason: string, now: number): JudgedFault<T>[] {
    this.#pending.push({ task, reason, since: now });
    const order = this.orderOf(task);
    const wasInDoubt = this.isInDoubt;
    if (!this.#knownFaulty.has(order) || now - this.#answeredAt > TRUST_MS)
      this.#faultyInARow.add(order);
    this.#remember(order);
    if (this.isInDoubt && !wasInDoubt) this.#doubtSince = now;
    return this.#open ? this.dismissAll() : [];
  }

  /**
   * To be called now and then, for what time alone decides: a doubt that has lasted opens the
   * breaker, and a fault that has been pending for long is dismissed. Returns the faults judged.
   */
  tick(now: number): JudgedFault<T>[] {
    if (this.isInDoubt && now - this.#doubtSince >= DOUBT_MS) this.#open = true;
    return this.#open
      ? this.dismissAll()
      : this.#judge(({ since }) => now - since >= PATIENCE_MS, false);
  }

  /** Returns all pending faults; none of them spends a try. */
  dismissAll(): JudgedFault<T>[] {
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

  #judge(which: (fault: PendingFault<T>) => boolean, spendsTry: boolean): JudgedFault<T>[] {
    const judged = this.#pending.filter(which);
    this.#pending = this.#pending.filter((fault) => !which(fault));
    return judged.map(({ task, reason }) => ({ task, reason, spendsTry }));
  }
}
