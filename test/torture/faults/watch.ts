import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import * as api from '../../support/http/client.js';
import { send } from '../../support/http/raw-http.js';
import { median } from '../../support/processes/histogram.js';
import type { Findings } from '../findings.js';

/** A call to each replica. */
const EVERY_MS = 100;

/** Nobody waits longer for a database that does not answer. */
const ANSWERED_WITHIN_MS = 6_000;
/** So many times the median of idle calls is added on a busy machine, and is a call as usual. */
const TIMES_IDLE = 50;

/** Then the call is given up: nothing was answered. */
const PATIENCE_MS = 30_000;

/** All is as usual when it has been so long. */
const NORMAL_FOR_MS = 1_000;
const NORMAL_WITHIN_MS = 5_000;

/** The answer to each kind of call by a customer without points, where nothing is wrong. */
const USUAL = { balance: 200, upload: 202, withdrawal: 402 } as const;
type Kind = keyof typeof USUAL;
const KINDS = Object.keys(USUAL) as Kind[];

export interface Seen {
  readonly kind: Kind;
  /** 0 where the connection was broken, or no answer came. */
  readonly status: number;
  /** As of `performance.now()`. */
  readonly startedAt: number;
  readonly ms: number;
}

export function isRead({ kind }: Seen): boolean {
  return kind === 'balance';
}

export function isUsual({ kind, status }: Seen): boolean {
  return status === USUAL[kind];
}

/** Customers who call every replica all the time, and wait as long as it takes. */
export class Watch {
  readonly #seen: Seen[] = [];
  readonly #underWay = new Map<Promise<void>, number>();
  readonly #over = new AbortController();
  readonly #agent = new Agent({ keepAlive: true });
  #callers: Promise<void>[] = [];
  #numbers = 0;
  /** The median of the idle calls, in milliseconds. */
  #idleMs = NaN;

  private constructor(private readonly findings: Findings) {}

  static async start(urls: readonly string[], findings: Findings): Promise<Watch> {
    const watch = new Watch(findings);
    const members = await Promise.all(urls.map((url, i) => api.join(url, `watcher ${i}`)));
    watch.#callers = urls.map((url, i) => watch.#goOn(url, members[i] as api.Member));
    return watch;
  }

  /** What was called from then on, and answered by now. */
  since(time: number): Seen[] {
    return this.#seen.filter(({ startedAt }) => startedAt >= time);
  }

  /** Sees how long calls take while nothing is wrong: the measure for all that follows. */
  async seeIdle(ms: number): Promise<{ p50: number; slowest: number }> {
    const began = performance.now();
    await pause(ms);
    const idle = this.since(began).map((each) => each.ms);
    this.#idleMs = median(idle);
    return { p50: this.#idleMs, slowest: Math.max(...idle) };
  }

  /** The longest that a call may take, in milliseconds, whatever is wrong. */
  get longestMs(): number {
    return ANSWERED_WITHIN_MS + TIMES_IDLE * this.#idleMs;
  }

  /** @returns milliseconds from `since` until all calls to all replicas were as usual. */
  async untilNormal(since: number, after: string): Promise<number> {
    const isNormal = (seen: Seen): boolean => isUsual(seen) && seen.ms <= TIMES_IDLE * this.#idleMs;
    for (;;) {
      await pause(EVERY_MS);
      const strange = this.since(since).findLast((each) => !isNormal(each));
      const from = strange ? strange.startedAt + strange.ms : since;
      const now = performance.now();
      const isHanging = [...this.#underWay.values()].some((at) => at < now - NORMAL_FOR_MS);
      const tookMs = Math.round(from - since);
      const isOver = now - from >= NORMAL_FOR_MS && !isHanging;
      if (!isOver && now - since < PATIENCE_MS) continue;
      if (!isOver || tookMs > NORMAL_WITHIN_MS)
        this.findings.violation(
          `after "${after}" all was as before only ${isOver ? tookMs : '30 000 or more'} ms later`,
          JSON.stringify(strange),
        );
      return tookMs;
    }
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#callers);
    await Promise.all(this.#underWay.keys());
    this.#agent.destroy();
  }

  async #goOn(url: string, { token }: api.Member): Promise<void> {
    for (let i = 0; !this.#over.signal.aborted; i++) {
      const kind = KINDS[i % KINDS.length] as Kind;
      // The next one does not wait for this one: a service that hangs for a second delays ten.
      const call = this.#call(url, kind, token).finally(() => this.#underWay.delete(call));
      this.#underWay.set(call, performance.now());
      await pause(EVERY_MS, undefined, { signal: this.#over.signal }).catch(() => undefined);
    }
  }

  async #call(url: string, kind: Kind, token: string): Promise<void> {
    const digits = `${++this.#numbers}`.padStart(10, '0');
    const { value: number } = OrderNumber.withCheckDigit(digits);
    const calls = {
      balance: () => api.read('balance'),
      upload: () => api.upload(number),
      withdrawal: () => api.withdraw(number, '1e12'),
    };
    const { line, ...request } = api.by(token, calls[kind]());
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const startedAt = performance.now();
    let status = 0;
    try {
      ({ status } = await send(url, line, { ...request, agent: this.#agent, signal }));
    } catch {
      // Status 0.
    }
    this.#seen.push({ kind, status, startedAt, ms: performance.now() - startedAt });
  }
}
