import { DataRejected, Overloaded, StaleState } from './persistence-errors.js';
import type { Outcome } from './outcome.js';

/** Commits a list of commands at once and says, in the same order, what became of each. */
export type ListHandler<Command, Result> = (
  commands: readonly Command[],
) => Promise<readonly Outcome<Result>[]>;

export interface GroupCommitLimits {
  /** Commands in one list. */
  readonly list: number;
  /**
   * Fewer than twice as many are not divided: a list's statements cost as much as some ten of its
   * rows.
   */
  readonly whole: number;
  /** Commands waiting for a list; one more is refused with Overloaded. */
  readonly waiting: number;
  /**
   * Lists on their way at once, as long as none is slow. One gathers while the other is in the
   * database; the more there are, the smaller each is, and the more its statements cost each
   * command: withdrawals from one account came to 2.7k a second with three, and to 3.7k with two.
   */
  readonly brisk: number;
  /**
   * The same with those that are slow, so that a row lock does not stop every writer. All three
   * kinds together leave the pool a connection.
   */
  readonly inFlight: number;
}

const DEFAULT_LIMITS: GroupCommitLimits = {
  list: 500,
  whole: 16,
  waiting: 20_000,
  brisk: 2,
  inFlight: 3,
};

/** A list that takes longer than this waits for somebody's lock, in milliseconds. */
const SLOW_AFTER_MS = 50;

interface Waiting<Command, Result> {
  readonly command: Command;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers the commands that arrive while earlier commits are on their way and handles them as one
 * list.
 *
 * An idle service commits a command at once; a busy one does more work per commit. The name is the
 * database's own: see `commit_delay` in PostgreSQL's manual.
 */
export class GroupCommit<Command, Result> {
  readonly #handle: ListHandler<Command, Result>;
  readonly #limits: GroupCommitLimits;
  readonly #waiting: Waiting<Command, Result>[] = [];
  readonly #onIdle: (() => void)[] = [];
  #inFlight = 0;
  /** The commands of these lists. */
  #underWay = 0;
  readonly #slow = new Set<Promise<void>>();
  #flushScheduled = false;

  constructor(handle: ListHandler<Command, Result>, limits: Partial<GroupCommitLimits> = {}) {
    this.#handle = handle;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * Resolves after the COMMIT that stored the command. Not for use inside a transaction: that
   * commit may wait for its locks.
   *
   * @throws the DomainError the command broke; Overloaded beyond the limit; what the handler
   * rejects with.
   */
  submit(command: Command): Promise<Result> {
    if (this.#waiting.length >= this.#limits.waiting) {
      return Promise.reject(new Overloaded(`${this.#limits.waiting} commands are waiting already`));
    }
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      this.#scheduleFlush();
    });
  }

  /** Resolves when no command is waiting or on its way. */
  async drained(): Promise<void> {
    if (this.#waiting.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /**
   * After this turn of the event loop, so that requests that came in with the same turn share the
   * list.
   */
  #scheduleFlush(): void {
    const { brisk, inFlight } = this.#limits;
    if (this.#flushScheduled || this.#inFlight >= Math.min(brisk + this.#slow.size, inFlight))
      return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const list = this.#waiting.splice(0, this.#share());
    if (list.length === 0) return;
    this.#inFlight++;
    this.#underWay += list.length;
    if (this.#waiting.length > 0) this.#scheduleFlush();
    await this.#watched(this.#commit(list));
    this.#inFlight--;
    this.#underWay -= list.length;
    if (this.#waiting.length > 0) this.#scheduleFlush();
    else if (this.#inFlight === 0) this.#onIdle.splice(0).forEach((resolve) => resolve());
  }

  /**
   * As much for each list as for the other. Whoever came was one list before, so that 45 of 50
   * callers waited for the database together, and it for them then: both were idle for more than a
   * quarter of the time.
   */
  #share(): number {
    const { list, whole, brisk } = this.#limits;
    const all = this.#waiting.length + this.#underWay;
    return all < 2 * whole ? list : Math.min(list, Math.ceil(all / brisk));
  }

  /** While it is slow another list may go before it is through. */
  async #watched(commit: Promise<void>): Promise<void> {
    const timer = setTimeout(() => {
      this.#slow.add(commit);
      if (this.#waiting.length > 0) this.#scheduleFlush();
    }, SLOW_AFTER_MS);
    await commit;
    clearTimeout(timer);
    this.#slow.delete(commit);
  }

  /**
   * One command that the database refuses, or that stays stale, must fail its own caller only:
   * halve the list until it stands alone.
   */
  async #commit(list: readonly Waiting<Command, Result>[]): Promise<void> {
    try {
      const outcomes = await this.#handle(list.map(({ command }) => command));
      list.forEach(({ resolve, reject }, i) => {
        const outcome = outcomes[i];
        if (!outcome) reject(new Error('the handler of a list left a command unanswered'));
        else if ('broken' in outcome) reject(outcome.broken);
        else resolve(outcome.value);
      });
    } catch (error) {
      if ((error instanceof DataRejected || error instanceof StaleState) && list.length > 1) {
        const half = list.length >> 1;
        await this.#commit(list.slice(0, half));
        await this.#commit(list.slice(half));
      } else {
        list.forEach(({ reject }) => reject(error));
      }
    }
  }
}
