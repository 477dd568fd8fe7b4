import type { Kopecks } from '../../support/kopecks.js';
import type { Random } from '../../support/random.js';
import type { AccrualTruth } from '../accrual/truth.js';
import type { Findings } from '../findings.js';
import { type Answer, type Call, type Client, GaveUp } from './client.js';
import { Memory, type Read, READS } from './memory.js';
import type { Upload } from './uploads.js';
import type { Withdrawal } from './withdrawals.js';

export interface CustomerSurroundings {
  readonly client: Client;
  readonly truth: AccrualTruth;
  readonly findings: Findings;
}

const PASSWORD = 'пароль with spaces ';

/**
 * A customer of the shop: every method is a call that is repeated until it is answered, remembered,
 * and held against what was known before.
 */
export class Customer {
  readonly memory: Memory;
  #authorization: string | undefined;
  #calls = 0;

  constructor(
    readonly login: string,
    private readonly random: Random,
    private readonly surroundings: CustomerSurroundings,
  ) {
    const { truth } = surroundings;
    this.memory = new Memory(truth, (sentence) => this.accuse(sentence));
  }

  get isSignedIn(): boolean {
    return this.#authorization !== undefined;
  }

  accuse(sentence: string): void {
    this.surroundings.findings.violation(`${this.login}: ${sentence}`);
  }

  /**
   * After a lost answer the login may be taken: by this very customer, whose password must then
   * open it.
   */
  async register(): Promise<void> {
    const { status, lost, authorization } = await this.#post(
      '/api/user/register',
      this.#credentials,
      'application/json',
    );
    if (status === 409 && lost > 0) return this.logIn();
    if (status !== 200 || authorization === undefined) {
      this.accuse(`registering was answered ${status}`);
      return;
    }
    this.#authorization = authorization;
  }

  async logIn(): Promise<void> {
    const { status, authorization } = await this.#post(
      '/api/user/login',
      this.#credentials,
      'application/json',
    );
    if (status !== 200 || authorization === undefined) {
      this.accuse(`logging in was answered ${status}`);
      return;
    }
    this.#authorization = authorization;
  }

  async upload(number: string, isContested = false): Promise<Upload> {
    const upload = this.memory.uploads.intend(number, isContested);
    const answer = await this.#post('/api/user/orders', number);
    this.memory.uploads.answered(upload, answer);
    if (answer.status === 202) this.surroundings.findings.count('uploads accepted');
    return upload;
  }

  /** @param token how the sum is written; any JSON number that means it. */
  async withdraw(
    number: string,
    sum: Kopecks,
    token: string,
    isContested = false,
  ): Promise<Withdrawal> {
    const { findings } = this.surroundings;
    const withdrawal = this.memory.withdrawals.intend(number, sum, isContested);
    const earned = this.memory.earnedAtLeast;
    try {
      const answer = await this.pay(number, token);
      const wasPaid = withdrawal.paidAt !== undefined;
      this.memory.withdrawals.answered(withdrawal, answer, earned);
      if (answer.status === 200 && !wasPaid) findings.count('withdrawals made');
      if (answer.status === 402) findings.count('withdrawals refused');
    } catch (error) {
      if (error instanceof GaveUp) this.memory.withdrawals.abandoned(withdrawal, error.lost);
      throw error;
    }
    return withdrawal;
  }

  /** Sends a payment that this customer does not remember: one that must be refused in any case. */
  pay(number: string, token: string): Promise<Answer> {
    return this.#post(
      '/api/user/balance/withdraw',
      `{"order":"${number}","sum":${token}}`,
      'application/json',
    );
  }

  /** Sends what must be refused with `status`. */
  async expectRefusal(
    path: string,
    body: string,
    contentType: string,
    status: number,
  ): Promise<void> {
    const answer = await this.#post(path, body, contentType);
    if (answer.status !== status)
      this.accuse(
        `POST ${path} of ${body.slice(0, 200)} was answered ${answer.status}, not ${status}`,
      );
  }

  /** @param only asks this replica alone. */
  async read(read: Read, only?: string): Promise<void> {
    const mark = this.memory.mark();
    const answer = await this.#send({ method: 'GET', path: READS[read] }, only);
    this.memory.check(read, mark, answer);
    this.surroundings.findings.count('reads checked');
  }

  get #credentials(): string {
    return JSON.stringify({ login: this.login, password: PASSWORD });
  }

  #post(path: string, body: string, contentType = 'text/plain'): Promise<Answer> {
    return this.#send({ method: 'POST', path, body, contentType });
  }

  /**
   * Each call draws from a stream of its own, or the order of concurrent answers would decide who
   * draws what.
   */
  async #send(call: Call, only?: string): Promise<Answer> {
    const { client, findings } = this.surroundings;
    const began = Date.now();
    const authorization = this.#authorization;
    const answer = await client.call(
      { ...call, authorization },
      this.random.fork(`call ${this.#calls++}`),
      only,
    );
    findings.peak('longest wait for an answer, ms', Date.now() - began);
    if (answer.status >= 500)
      this.accuse(
        `${call.method} ${call.path} was answered ${answer.status} ${answer.body.slice(0, 200)}`,
      );
    return answer;
  }
}
