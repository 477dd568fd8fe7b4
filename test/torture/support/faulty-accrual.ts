import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import type { Findings } from '../findings.js';
import type { Random } from './random.js';
import {
  type AccrualAnswers,
  type Other,
  otherReply,
  type Reply,
  replyOf,
  tooFast,
} from './accrual-answers.js';

/** An accrual system that fails, hangs, is wrong and limits before it gives its final answers. */
export class FaultyAccrual {
  /** How often each number was asked about. */
  readonly #asked = new Map<string, number>();
  #outage: Other | undefined;
  #limit: { draw: Random; until: number } | undefined;
  #isFaulty = true;

  constructor(
    server: ScriptedAccrual,
    private readonly answers: AccrualAnswers,
    private readonly findings: Findings,
  ) {
    server.fallback = (request, response) => void this.#answer(request, response);
  }

  /** Every answer is this one until {@link endOutage}. */
  beginOutage(kind: Other): void {
    this.#outage = kind;
  }

  endOutage(): void {
    this.#outage = undefined;
  }

  /**
   * Refuses all questions with 429 for a time, not for a number of questions: 20 of them took 20 s
   * whenever the service's breaker was open, which lets one through a second.
   */
  limitFor(ms: number, draw: Random): void {
    this.#limit = { draw, until: Date.now() + ms };
  }

  /** From now on every question gets its final answer at once. */
  beReliable(): void {
    this.#isFaulty = false;
    this.#limit = undefined;
    this.#asked.clear();
    this.endOutage();
  }

  beFaulty(): void {
    this.#isFaulty = true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const number = decodeURIComponent(request.url ?? '').replace('/api/orders/', '');
    const reply = await this.#reply(number);
    if (typeof reply === 'function') reply(request, response);
    else response.writeHead(reply.status, reply.headers).end(reply.body);
  }

  async #reply(number: string): Promise<Reply> {
    if (!this.#isFaulty) return this.#final(number);
    if (this.#outage) return this.#other(this.#outage, number);
    if (this.#limit && Date.now() < this.#limit.until) {
      this.findings.tally('replies of the accrual system', 'status 429');
      return tooFast(this.#limit.draw);
    }
    const before = this.#asked.get(number) ?? 0;
    this.#asked.set(number, before + 1);
    const kind = this.answers.before(number)[before];
    const delayMs = this.answers.delayOf(number, before);
    if (delayMs > 0) await pause(delayMs);
    return kind ? this.#other(kind, number) : this.#final(number);
  }

  #other(kind: Other, number: string): Reply {
    this.findings.tally('replies of the accrual system', kind);
    return otherReply(kind, number);
  }

  #final(number: string): Reply {
    const answer = this.answers.final(number);
    this.findings.tally('replies of the accrual system', answer.status);
    return replyOf(number, answer);
  }
}
