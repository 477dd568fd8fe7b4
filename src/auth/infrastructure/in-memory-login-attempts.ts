import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import { Clock } from '../../kernel/application/ports.js';
import { AuthSettings } from '../auth.settings.js';
import { LoginAttempts } from '../application/ports.js';
import { TooManyLoginAttempts, WrongCredentials } from '../domain/errors.js';
import type { Login } from '../domain/credentials.js';

const WINDOW_MS = 60_000;
/**
 * Keys remembered per hash at once: more than the 3 000 that argon2's 20 ms let fail within a
 * minute.
 */
const KEYS_PER_HASH = 5_000;
/** Attempts that may wait for others of their key; each keeps a connection open. */
const MAX_WAITING = 100;

/** The attempts of one key, in the minute that began with the first failure. */
interface Attempts {
  failed: number;
  /** When that minute is over, by the monotonic clock. */
  endsAt: number;
  underWay: number;
  readonly waiting: { readonly proceed: () => void; readonly fail: (error: Error) => void }[];
  /** Callers that hold this object, waiting or under way. */
  holders: number;
}

/** Counts in this process: with N replicas a guesser has N times as many attempts. */
@Injectable()
export class InMemoryLoginAttempts extends LoginAttempts {
  readonly #logger = new Logger('log-in');
  readonly #ofPair: FailureLimit;
  readonly #ofAddress: FailureLimit;

  constructor(settings: AuthSettings, clock: Clock) {
    super();
    const max = KEYS_PER_HASH * settings.hashConcurrency;
    this.#ofPair = new FailureLimit(settings.loginAttemptsPerMinute, max, clock);
    this.#ofAddress = new FailureLimit(settings.loginAttemptsPerMinutePerAddress, max, clock);
  }

  /**
   * Takes its place of the pair first: an attempt that has its place of the address, which many
   * share, waits for nothing but the hash.
   */
  make<T>(login: Login, address: string, attempt: () => Promise<T>): Promise<T> {
    // An address has no space, so no two pairs share a key.
    const pair = { address, login: login.value };
    return this.#ofPair.make(
      `${address} ${login.value}`,
      () => this.#ofAddress.make(address, attempt, () => this.#tell({ address })),
      () => this.#tell(pair),
    );
  }

  #tell(locked: { readonly address: string; readonly login?: string }): void {
    this.#logger.warn('locked for the rest of a minute: too many log-ins have failed', locked);
  }
}

/** So many failures a minute for each key; 0: any number. */
class FailureLimit {
  /** Those that have failed. */
  readonly #failed: LRUCache<string, Attempts>;
  /** Those that somebody makes now, or waits to make: of as many keys as there are. */
  readonly #held = new Map<string, Attempts>();

  constructor(
    private readonly limit: number,
    max: number,
    private readonly clock: Clock,
  ) {
    this.#failed = new LRUCache({ max });
  }

  /** @param onReached is called by the failure that reaches the limit. */
  async make<T>(key: string, attempt: () => Promise<T>, onReached: () => void): Promise<T> {
    if (this.limit === 0) return attempt();
    const attempts = this.#of(key);
    attempts.holders++;
    try {
      await this.#takePlace(attempts);
      return await this.#counted(attempts, attempt, () => this.#fail(key, attempts, onReached));
    } finally {
      attempts.holders--;
      if (attempts.holders === 0) this.#held.delete(key);
    }
  }

  /**
   * Waits while others are under way and does not refuse. So 50 guesses at once get as many answers
   * as the limit allows, and 50 log-ins at once with the right password all succeed.
   */
  async #takePlace(attempts: Attempts): Promise<void> {
    for (;;) {
      const now = this.clock.monotonicMs();
      if (now >= attempts.endsAt) attempts.failed = 0;
      if (attempts.failed >= this.limit)
        throw new TooManyLoginAttempts(Math.ceil((attempts.endsAt - now) / 1000));
      if (attempts.failed + attempts.underWay < this.limit) break;
      if (attempts.waiting.length >= MAX_WAITING) throw new TooManyLoginAttempts(1);
      await new Promise<void>((proceed, fail) => attempts.waiting.push({ proceed, fail }));
    }
    attempts.underWay++;
  }

  async #counted<T>(attempts: Attempts, attempt: () => Promise<T>, fail: () => void): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      // A failure of ours, such as a database that is away, says nothing about the password.
      if (error instanceof WrongCredentials) fail();
      // Those who wait need not find out by themselves: their turn would be as long again.
      if (error instanceof DatabaseUnavailable)
        attempts.waiting.splice(0).forEach((each) => each.fail(error));
      throw error;
    } finally {
      attempts.underWay--;
      attempts.waiting.splice(0).forEach(({ proceed }) => proceed());
    }
  }

  #fail(key: string, attempts: Attempts, onReached: () => void): void {
    const now = this.clock.monotonicMs();
    if (now >= attempts.endsAt) {
      attempts.failed = 0;
      attempts.endsAt = now + WINDOW_MS;
    }
    attempts.failed++;
    this.#failed.set(key, attempts);
    if (attempts.failed === this.limit) onReached();
  }

  #of(key: string): Attempts {
    const attempts = this.#held.get(key) ??
      this.#failed.get(key) ?? {
        failed: 0,
        endsAt: -Infinity,
        underWay: 0,
        waiting: [],
        holders: 0,
      };
    this.#held.set(key, attempts);
    return attempts;
  }
}
