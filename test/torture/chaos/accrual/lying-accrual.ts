import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Findings } from '../findings.js';
import { type Lie, lie, limit, type Pause, type Question, tellTruth } from './lies.js';
import type { AccrualTruth } from './truth.js';

/**
 * An accrual system that errs, hangs, drops, lies and limits, and tells the truth about each number
 * in the end.
 */
export class LyingAccrual {
  readonly #server = createServer((request, response) => {
    void this.#answer(decodeURIComponent(request.url ?? '').replace('/api/orders/', ''), response);
  });
  /** How often each number was asked about. */
  readonly #asked = new Map<string, number>();
  #outage: Lie | undefined;
  #limits: { pause: Pause; draw: number; until: number } | undefined;
  #isHonest = false;

  private constructor(
    private readonly truth: AccrualTruth,
    private readonly findings: Findings,
  ) {}

  static async start(truth: AccrualTruth, findings: Findings): Promise<LyingAccrual> {
    const accrual = new LyingAccrual(truth, findings);
    await once(accrual.#server.listen(0, '127.0.0.1'), 'listening');
    return accrual;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every answer is this one until {@link endOutage}. */
  beginOutage(kind: Lie): void {
    this.#outage = kind;
  }

  endOutage(): void {
    this.#outage = undefined;
  }

  /**
   * For so long every question is one too many. Not for so many questions: 20 of them took 20 s
   * whenever the service's breaker was open, which lets one through a second.
   */
  limitFor(ms: number, pause: Pause, draw: number): void {
    this.#limits = { pause, draw, until: Date.now() + ms };
  }

  /** Until further notice whoever asks hears the truth at once; forgets who had asked. */
  beHonest(): void {
    this.#isHonest = true;
    this.#limits = undefined;
    this.#asked.clear();
    this.endOutage();
  }

  lieAgain(): void {
    this.#isHonest = false;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  async #answer(number: string, response: ServerResponse): Promise<void> {
    const question: Question = { number, truth: this.truth.of(number), response };
    if (this.#isHonest) {
      this.#tellTruth(question);
      return;
    }
    if (this.#outage) {
      this.#lie(this.#outage, question);
      return;
    }
    if (this.#limits && Date.now() < this.#limits.until) {
      this.#count('status 429');
      limit(this.#limits.pause, this.#limits.draw, question);
      return;
    }
    const before = this.#asked.get(number) ?? 0;
    this.#asked.set(number, before + 1);
    const next = this.truth.liesAbout(number)[before];
    const delayMs = this.truth.delayOf(number, before);
    if (delayMs > 0) await pause(delayMs);
    if (next) this.#lie(next, question);
    else this.#tellTruth(question);
  }

  #lie(kind: Lie, question: Question): void {
    this.#count(kind);
    lie(kind, question);
  }

  #tellTruth(question: Question): void {
    this.#count(question.truth.status);
    tellTruth(question);
  }

  #count(reply: string): void {
    this.findings.count(`reply: ${reply}`);
  }
}
