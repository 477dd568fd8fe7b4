import { setTimeout as pause } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../../kernel/application/ports.js';
import { AuthSettings } from '../auth.settings.js';
import {
  CLOCKS_DIFFER_S,
  EndedSessions,
  type Session,
  type SessionEnd,
} from '../domain/session.js';
import { SessionEnds } from './ports.js';

/** How often it is asked which sessions have ended elsewhere, in milliseconds. */
const REFRESH_MS = 1_000;

/** How old the last answer may be, in milliseconds, for a session to pass. */
const TRUSTED_FOR_MS = 10_000;

/**
 * How long a request waits for an answer, in milliseconds, where the last one is too old. It comes
 * before what the request itself may wait for, and nobody is to wait for more than 6 s, or 8 s at a
 * portal.
 */
const SETTLE_WITHIN_MS = 500;

/** How often all is read anew, in milliseconds, so that what has expired is forgotten. */
const RELOAD_MS = 3_600_000;

/** A timer takes no longer time, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `unknown`: it cannot be said now, for whoever knows it does not answer. */
export type SessionState = 'live' | 'ended' | 'unknown';

/** How far it has got; where a page fails it goes on from there. */
interface Loading {
  readonly ended: EndedSessions;
  mark: string | undefined;
}

interface Watch {
  readonly session: Session;
  readonly tell: () => void;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Which sessions have ended before their tokens expired: held in memory, so that a request asks
 * nobody, and refreshed every second (ADR 0047).
 */
@Injectable()
export class Sessions implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('sessions');
  readonly #maxAgeS: number;
  readonly #watches = new Map<string, Set<Watch>>();
  #ended = new EndedSessions();
  /** Where the next refresh goes on; undefined: all has to be read before anything is known. */
  #mark: string | undefined;
  /** What is being read from the beginning, and takes the place of {@link #ended} then. */
  #loading: Loading | undefined;
  #isReloading = false;
  #loadedAt = -Infinity;
  /** When the last refresh began that was answered, by the monotonic clock. */
  #asOf = -Infinity;
  #failedAt = -Infinity;
  #refreshing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ends: SessionEnds,
    private readonly clock: Clock,
    { tokenTtlSeconds }: AuthSettings,
  ) {
    this.#maxAgeS = tokenTtlSeconds + CLOCKS_DIFFER_S;
  }

  /** Nobody is let in before it is known: the process does not listen yet. */
  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
    for (const watches of this.#watches.values())
      for (const { timer } of watches) clearTimeout(timer);
  }

  stateOf(session: Session): SessionState {
    if (this.#ended.include(session)) return 'ended';
    return this.obstacle === undefined ? 'live' : 'unknown';
  }

  /** Why no session can be said to be live now; undefined where it can. */
  get obstacle(): string | undefined {
    const isKnown = this.clock.monotonicMs() - this.#asOf <= TRUSTED_FOR_MS;
    return isKnown ? undefined : 'it is not known which sessions have ended';
  }

  /**
   * Asks where the state is not known: the process has just started, or stood still. A question
   * that was on its way then is too old, so a second one may be needed. After a failure it is not
   * asked again before the next refresh is due. Resolves within half a second.
   */
  async settle(session: Session): Promise<SessionState> {
    const mayAsk = (): boolean => this.clock.monotonicMs() - this.#failedAt >= REFRESH_MS;
    const late = pause(SETTLE_WITHIN_MS, 2, { ref: false });
    for (let tries = 0; tries < 2 && this.stateOf(session) === 'unknown' && mayAsk();)
      tries = await Promise.race([this.refresh().then(() => tries + 1), late]);
    return this.stateOf(session);
  }

  /** What this process has ended itself counts in it at once. */
  end(end: SessionEnd): void {
    this.#add(end);
    this.#tell(end.userId);
  }

  /**
   * Calls `tell` once, when the session ends: by log-out, by what ends all sessions of its user, or
   * by its time; soon where it has ended already. Ends elsewhere are heard of within a second.
   *
   * @returns stops waiting for it.
   */
  whenEnded(session: Session, tell: () => void): () => void {
    const watch: Watch = { session, tell, timer: undefined };
    const watches = this.#watches.get(session.userId) ?? new Set();
    this.#watches.set(session.userId, watches.add(watch));
    this.#watchExpiry(watch);
    queueMicrotask(() => this.#tell(session.userId));
    return () => this.#forget(watch);
  }

  /** Reads what has ended since the last time. Never rejects. */
  refresh(): Promise<void> {
    return (this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined)));
  }

  async #refresh(): Promise<void> {
    const now = this.clock.monotonicMs();
    try {
      if (this.#mark === undefined || !(await this.#readOn())) await this.#readAnew();
      else if (now - this.#loadedAt >= RELOAD_MS) this.#reload();
      if (this.#failedAt > this.#asOf) this.#logger.log('it is known again which sessions ended');
      this.#asOf = now;
    } catch (error) {
      const reason = (error as Error).message;
      if (this.#failedAt <= this.#asOf)
        this.#logger.warn(`it cannot be found out which sessions have ended: ${reason}`);
      this.#failedAt = this.clock.monotonicMs();
    }
    for (const userId of this.#watches.keys()) this.#tell(userId);
  }

  /** @returns false where the mark is not known any more: the database is not as it was. */
  async #readOn(): Promise<boolean> {
    for (;;) {
      const page = await this.ends.after(this.#mark, this.#maxAgeS);
      if (!page) {
        // What else was read came from the database before.
        this.#mark = this.#loading = undefined;
        return false;
      }
      for (const end of page.ends) this.#add(end);
      this.#mark = page.mark;
      if (page.isLast) return true;
    }
  }

  /** Reads everything from the beginning. */
  async #readAnew(): Promise<void> {
    const loading = (this.#loading ??= { ended: new EndedSessions(), mark: undefined });
    for (let isLast = false; !isLast;) {
      const page = await this.ends.after(loading.mark, this.#maxAgeS);
      if (this.#loading !== loading) return;
      if (!page) {
        this.#loading = undefined;
        throw new Error('the list changes while it is read');
      }
      for (const end of page.ends) loading.ended.add(end);
      loading.mark = page.mark;
      isLast = page.isLast;
    }
    this.#ended = loading.ended;
    this.#mark = loading.mark;
    this.#loading = undefined;
    this.#loadedAt = this.clock.monotonicMs();
  }

  /** Beside the refreshes. One that fails goes on with the next, which says what is wrong. */
  #reload(): void {
    if (this.#isReloading) return;
    this.#isReloading = true;
    void this.#readAnew()
      .catch(() => undefined)
      .finally(() => (this.#isReloading = false));
  }

  #add(end: SessionEnd): void {
    this.#ended.add(end);
    this.#loading?.ended.add(end);
  }

  /** Tells those whose session has ended. */
  #tell(userId: string): void {
    for (const watch of this.#watches.get(userId) ?? []) {
      if (!this.#ended.include(watch.session)) continue;
      this.#forget(watch);
      watch.tell();
    }
  }

  #watchExpiry(watch: Watch): void {
    const leftMs = watch.session.goodUntil * 1000 - this.clock.now().getTime();
    watch.timer = setTimeout(
      () => {
        if (watch.session.goodUntil * 1000 > this.clock.now().getTime())
          return this.#watchExpiry(watch);
        this.#forget(watch);
        watch.tell();
      },
      Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS),
    );
  }

  #forget(watch: Watch): void {
    clearTimeout(watch.timer);
    const watches = this.#watches.get(watch.session.userId);
    watches?.delete(watch);
    if (watches?.size === 0) this.#watches.delete(watch.session.userId);
  }
}
