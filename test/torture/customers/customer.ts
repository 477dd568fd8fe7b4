import * as api from '../../support/http/client.js';
import type { Findings } from '../findings.js';
import type { Kopecks } from '../support/kopecks.js';
import type { Random } from '../support/random.js';
import type { AccrualAnswers } from '../support/accrual-answers.js';
import { Memory } from './memory.js';
import { type Answer, GaveUp, type RetryingClient } from './retrying-client.js';
import type { Upload } from './uploads.js';
import type { Withdrawal } from './withdrawals.js';

const PASSWORD = 'пароль with spaces ';

/**
 * A customer of the shop: every method is a call that is repeated until it is answered, remembered,
 * and compared with what was known before.
 */
export class Customer {
  readonly memory: Memory;
  #token: string | undefined;
  #calls = 0;

  constructor(
    readonly login: string,
    private readonly random: Random,
    private readonly client: RetryingClient,
    private readonly findings: Findings,
    answers: AccrualAnswers,
  ) {
    this.memory = new Memory(answers, (sentence) => this.complain(sentence));
  }

  get isSignedIn(): boolean {
    return this.#token !== undefined;
  }

  complain(sentence: string): void {
    this.findings.violation(`${this.login}: ${sentence}`);
  }

  /** After a lost answer the login may be taken, by this very customer: the password opens it. */
  async register(): Promise<void> {
    const answer = await this.#send(api.register(this.login, PASSWORD));
    if (answer.status === 409 && answer.lost > 0) return this.logIn();
    this.#keepToken(answer, 'registering');
  }

  async logIn(): Promise<void> {
    this.#keepToken(await this.#send(api.logIn(this.login, PASSWORD)), 'logging in');
  }

  async upload(number: string, isContested = false): Promise<Upload> {
    const upload = this.memory.uploads.intend(number, isContested);
    const answer = await this.#send(api.upload(number));
    this.memory.uploads.answered(upload, answer);
    if (answer.status === 202) this.findings.count('uploads accepted');
    return upload;
  }

  /** @param token how the sum is written: any JSON number that means it. */
  async withdraw(
    number: string,
    sum: Kopecks,
    token: string,
    isContested = false,
  ): Promise<Withdrawal> {
    const { withdrawals, earnedAtLeast } = this.memory;
    const withdrawal = withdrawals.intend(number, sum, isContested);
    try {
      const answer = await this.#send(api.withdraw(number, token));
      const wasPaid = withdrawal.paidAt !== undefined;
      withdrawals.answered(withdrawal, answer, earnedAtLeast);
      if (answer.status === 200 && !wasPaid) this.findings.count('withdrawals made');
      if (answer.status === 402) this.findings.count('withdrawals refused');
    } catch (error) {
      if (error instanceof GaveUp) withdrawals.abandoned(withdrawal, error.lost);
      throw error;
    }
    return withdrawal;
  }

  /** Sends what must be refused with `status`, and remembers nothing of it. */
  async expectRefusal(call: api.Call, status: number): Promise<void> {
    const answer = await this.#send(call);
    if (answer.status === status) return;
    const sent = `${call.line} of ${call.body?.slice(0, 200)}`;
    this.complain(`${sent} was answered ${answer.status}, not ${status}`);
  }

  /** @param only asks this replica alone. */
  async read(what: api.Read, only?: string): Promise<void> {
    const mark = this.memory.mark();
    this.memory.check(what, mark, await this.#send(api.read(what), only));
    this.findings.count('reads checked');
  }

  #keepToken(answer: Answer, what: string): void {
    const token = answer.status === 200 ? api.tokenOf(answer) : undefined;
    if (token === undefined) this.complain(`${what} was answered ${answer.status}`);
    else this.#token = token;
  }

  /** Each call draws from a stream of its own: the order of answers must not decide who draws. */
  async #send(call: api.Call, only?: string): Promise<Answer> {
    const began = Date.now();
    const signed = this.#token === undefined ? call : api.by(this.#token, call);
    const random = this.random.fork(`call ${this.#calls++}`);
    const answer = await this.client.call(signed, random, only);
    this.findings.peak('longest wait for an answer, ms', Date.now() - began);
    if (answer.status >= 500)
      this.complain(`${call.line} was answered ${answer.status} ${answer.text.slice(0, 200)}`);
    return answer;
  }
}
