/** Questions that may be open at once in the beginning. */
const INITIAL = 8;

/**
 * Without answers the number doubles after so long, in milliseconds: a few questions that hang must
 * not hold up all others.
 */
const DOUBLES_EVERY_MS = 250;

/**
 * After so long without a question, in milliseconds, the system is met afresh: our connections to
 * it are closed by then.
 */
const FORGOTTEN_AFTER_MS = 30_000;

/**
 * How many questions may be open at once: few at first and one more for each answer, which doubles
 * them with each round trip (RFC 5681, 3.1).
 *
 * What the accrual system bears is not known before its first 429, and what is on its way by then
 * arrives after it: the 64 first questions of two replicas on a busy machine, each over a
 * connection yet to be opened, did so up to 0.3 s later.
 */
export class SlowStart {
  #answers = 0;
  #startedAt = -Infinity;
  #askedAt = -Infinity;

  /** @param limit that is never exceeded. */
  constructor(private readonly limit: number) {}

  /** Questions that may be open at `now`, in milliseconds. */
  window(now: number): number {
    if (now - this.#askedAt > FORGOTTEN_AFTER_MS) return Math.min(this.limit, INITIAL);
    return Math.min(
      this.limit,
      (INITIAL + this.#answers) * 2 ** Math.floor((now - this.#startedAt) / DOUBLES_EVERY_MS),
    );
  }

  asked(now: number): void {
    if (now - this.#askedAt > FORGOTTEN_AFTER_MS) this.restart(now);
    this.#askedAt = now;
  }

  answered(): void {
    this.#answers = Math.min(this.limit, this.#answers + 1);
  }

  /** The system has said that it was too much. */
  restart(now: number): void {
    this.#answers = 0;
    this.#startedAt = now;
  }
}
