import { DomainError } from '../../domain/domain-error.js';
import { DatabaseUnavailable, OneIsAtFault, Overloaded } from '../persistence-errors.js';

/**
 * What became of one command of a batch: a value, or the rule that it broke. Of another process it
 * can also be why nobody knows.
 */
export type Outcome<T> = { readonly value: T } | { readonly broken: Error };

/**
 * Lets one command be judged: a broken rule is the answer of that command alone, anything else
 * stops the whole batch.
 */
export function decide<T>(judge: () => T): Outcome<T> {
  try {
    return { value: judge() };
  } catch (error) {
    if (error instanceof DomainError) return { broken: error };
    throw error;
  }
}

/**
 * Commits a batch of commands at once and says, in the same order, what became of each.
 *
 * @param isAwaited false where the caller of the command at this place has been told already that
 * it took too long.
 */
export type BatchHandler<Command, Result> = (
  commands: readonly Command[],
  isAwaited: (place: number) => boolean,
) => Promise<readonly Outcome<Result>[]>;

export interface GroupCommitLimits {
  /** The most commands in one batch. */
  readonly maxBatch: number;
  /**
   * With more commands than this, waiting and on their way, a batch takes an equal part of them, so
   * that batches work side by side. With fewer one batch takes all: a batch's statements cost as
   * much as about ten of its rows.
   */
  readonly splitAbove: number;
  /**
   * Batches on their way at once, as long as none is slow: one gathers while the other is in the
   * database. With more, each batch is smaller and its statements cost each command more.
   * Withdrawals from one account came to a quarter fewer with three than with two.
   */
  readonly concurrency: number;
  /**
   * The same while some are slow, so that one row lock does not stop every writer. The batches of
   * uploads, withdrawals and settlements together must leave the pool a connection.
   */
  readonly maxConcurrency: number;
  /** Commands that wait for a batch. One more is refused with Overloaded. */
  readonly maxWaiting: number;
  /**
   * How long a caller waits, in milliseconds, for earlier batches and for its own. It is more than
   * a transaction may take, which says more exactly what is wrong.
   */
  readonly patienceMs: number;
}

const DEFAULT_LIMITS: GroupCommitLimits = {
  maxBatch: 500,
  splitAbove: 31,
  concurrency: 2,
  maxConcurrency: 3,
  maxWaiting: 20_000,
  patienceMs: 5_500,
};

/** A batch that takes longer than this, in milliseconds, is taken to wait for a lock. */
const SLOW_AFTER_MS = 50;

/** A batch that is done, stored or not, for metrics. */
export interface CommittedBatch {
  readonly commands: number;
  /** How long the first of them waited for the batch to go, in milliseconds. */
  readonly waitedMs: number;
  /** How long the batch was on its way then. */
  readonly tookMs: number;
}

interface Waiting<Command, Result> {
  readonly command: Command;
  readonly together: object | undefined;
  readonly sinceMs: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Ends the caller's patience. */
  readonly timer: NodeJS.Timeout;
  isGivenUp: boolean;
}

/**
 * Gathers the commands that arrive while earlier batches are on their way, and handles them as one
 * batch with one commit (ADR 0002).
 *
 * An idle service commits a command at once; a busy one does more work per commit. The name is
 * PostgreSQL's own: see `commit_delay` in its manual.
 */
export class GroupCommit<Command, Result> {
  readonly #handle: BatchHandler<Command, Result>;
  readonly #limits: GroupCommitLimits;
  readonly #waiting: Waiting<Command, Result>[] = [];
  /** Batches on their way. */
  #batches = 0;
  /** The commands in these batches. */
  #commands = 0;
  readonly #slow = new Set<Promise<void>>();
  #flushScheduled = false;

  /** @param report is told of each batch. */
  constructor(
    handle: BatchHandler<Command, Result>,
    limits: Partial<GroupCommitLimits> = {},
    private readonly report: (batch: CommittedBatch) => void = () => undefined,
  ) {
    this.#handle = handle;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * Resolves after the COMMIT that stored the command. Not for use inside a transaction: that
   * commit may wait for the transaction's locks.
   *
   * @param together what the command came in, gathered elsewhere already: commands that have it in
   * common, submitted one after another, are not divided among batches, unless they are too many.
   * @throws the DomainError that the command broke; Overloaded beyond the limit; what the handler
   * rejects with; DatabaseUnavailable after {@link GroupCommitLimits.patienceMs}: a command that
   * was still waiting is dropped then, of one that is on its way nobody knows whether it is stored.
   */
  submit(command: Command, together?: object): Promise<Result> {
    const { maxWaiting, patienceMs } = this.#limits;
    if (this.#waiting.length >= maxWaiting)
      return Promise.reject(new Overloaded(`${maxWaiting} commands are waiting already`));
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(waiting), patienceMs);
      const sinceMs = performance.now();
      const waiting = { command, together, sinceMs, resolve, reject, timer, isGivenUp: false };
      this.#waiting.push(waiting);
      this.#scheduleFlush();
    });
  }

  #giveUp(waiting: Waiting<Command, Result>): void {
    waiting.isGivenUp = true;
    const at = this.#waiting.indexOf(waiting);
    if (at !== -1) this.#waiting.splice(at, 1);
    const { patienceMs } = this.#limits;
    waiting.reject(new DatabaseUnavailable(`not stored within ${patienceMs / 1_000} s`));
  }

  /**
   * Commands that arrive in this turn of the event loop or in the next one share the batch: by then
   * clients that were answered a moment ago are back. With one turn alone batches were smaller, and
   * uploads and withdrawals a tenth slower.
   */
  #scheduleFlush(): void {
    const { concurrency, maxConcurrency } = this.#limits;
    const free = Math.min(concurrency + this.#slow.size, maxConcurrency) - this.#batches;
    if (this.#flushScheduled || free <= 0) return;
    this.#flushScheduled = true;
    const flush = (): void => {
      this.#flushScheduled = false;
      void this.#flush();
    };
    setImmediate(() => setImmediate(flush));
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#share());
    const [first] = batch;
    if (!first) return;
    this.#batches++;
    this.#commands += batch.length;
    if (this.#waiting.length > 0) this.#scheduleFlush();
    const beganMs = performance.now();
    await this.#watched(this.#commit(batch));
    this.report({
      commands: batch.length,
      waitedMs: beganMs - first.sinceMs,
      tookMs: performance.now() - beganMs,
    });
    this.#batches--;
    this.#commands -= batch.length;
    if (this.#waiting.length > 0) this.#scheduleFlush();
  }

  /**
   * How many commands the next batch takes: an equal share for each batch. If the first batch took
   * all that wait, callers and database would wait for each other by turns, and both be idle for a
   * quarter of the time.
   */
  #share(): number {
    const { maxBatch, splitAbove, concurrency } = this.#limits;
    const all = this.#waiting.length + this.#commands;
    if (all <= splitAbove) return maxBatch;
    let share = Math.min(maxBatch, Math.ceil(all / concurrency));
    const together = this.#waiting[share - 1]?.together;
    while (together && share < maxBatch && this.#waiting[share]?.together === together) share++;
    return share;
  }

  /** While a batch is slow another one may go before it is through. */
  async #watched(commit: Promise<void>): Promise<void> {
    const timer = setTimeout(() => {
      this.#slow.add(commit);
      if (this.#waiting.length > 0) this.#scheduleFlush();
    }, SLOW_AFTER_MS);
    await commit;
    clearTimeout(timer);
    this.#slow.delete(commit);
  }

  /** A command that is at fault fails its own caller alone: the batch is halved to find it. */
  async #commit(batch: readonly Waiting<Command, Result>[]): Promise<void> {
    try {
      const outcomes = await this.#handle(
        batch.map(({ command }) => command),
        (place) => batch[place]?.isGivenUp === false,
      );
      batch.forEach(({ resolve, reject, timer }, i) => {
        clearTimeout(timer);
        const outcome = outcomes[i];
        if (!outcome) reject(new Error('the handler of a batch left a command unanswered'));
        else if ('broken' in outcome) reject(outcome.broken);
        else resolve(outcome.value);
      });
    } catch (error) {
      if (error instanceof OneIsAtFault && batch.length > 1) {
        const half = batch.length >> 1;
        await this.#commit(batch.slice(0, half));
        await this.#commit(batch.slice(half));
      } else {
        batch.forEach(({ reject, timer }) => {
          clearTimeout(timer);
          reject(error);
        });
      }
    }
  }
}
