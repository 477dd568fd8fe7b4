import * as api from '../../support/http/client.js';
import type { Findings } from '../findings.js';
import type { Kopecks } from '../support/kopecks.js';
import type { Random } from '../support/random.js';
import type { AccrualAnswers } from '../support/accrual-answers.js';
import { Memory } from './memory/memory.js';
import { type Answer, GaveUp, type RetryingClient } from './retrying-client.js';
import { type Session, Sessions } from './memory/sessions.js';
import { SigningIn } from './signing-in.js';
import type { Upload } from './memory/uploads.js';
import type { Withdrawal } from './memory/withdrawals.js';

/** Lists that come in pages. */
export const PAGED = ['orders', 'withdrawals', 'balance/history'] as const;

/**
 * A customer of the shop: every method is a call that is repeated until it is answered, remembered,
 * and compared with what was known before.
 */
export class Customer {
  readonly memory: Memory;
  readonly sessions: Sessions;
  /** An operator is at work on who may sign in. */
  isAttendedTo = false;
  readonly #access: SigningIn;
  #calls = 0;

  constructor(
    readonly login: string,
    private readonly random: Random,
    private readonly client: RetryingClient,
    private readonly findings: Findings,
    answers: AccrualAnswers,
  ) {
    const complain = (sentence: string): void => this.complain(sentence);
    this.memory = new Memory(answers, complain);
    this.sessions = new Sessions(complain);
    const call = (each: api.Call): Promise<Answer> => this.#call(each);
    const rest = (): Promise<void> => client.rest(`signing in of ${login}`);
    this.#access = new SigningIn(login, this.sessions, call, rest, complain);
  }

  get isSignedIn(): boolean {
    return this.sessions.hasBegun;
  }

  complain(sentence: string): void {
    this.findings.violation(`${this.login}: ${sentence}`);
  }

  register(): Promise<void> {
    return this.#access.register();
  }

  logIn(): Promise<Session> {
    return this.#access.logIn();
  }

  async changePassword(): Promise<void> {
    await this.#access.changePassword();
    this.findings.count('passwords changed');
  }

  /** The session ends, and the next call begins another one. */
  async logOut(): Promise<void> {
    await this.#access.logOut();
    this.findings.count('log-outs');
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
    const { memory, sessions, findings } = this;
    const { withdrawals } = memory;
    const withdrawal = withdrawals.intend(number, sum, isContested);
    const mark = memory.mark();
    try {
      const answer = await this.#send(api.withdraw(number, token));
      const wasPaid = withdrawal.paidAt !== undefined;
      withdrawals.answered(withdrawal, answer, memory.atLeast(mark));
      if (answer.status === 200 && sessions.isBlockedSince(answer.sentAt))
        this.complain(`could spend points on ${number} though an operator has blocked it`);
      if (answer.status === 200 && !wasPaid) findings.count('withdrawals made');
      if (answer.status === 402) findings.count('withdrawals refused');
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

  /** What was there at the first page must come once, whatever happens meanwhile. */
  async readPages(what: (typeof PAGED)[number], limit: number): Promise<void> {
    const mark = this.memory.mark();
    const pages: Answer[] = [];
    for (let path: string | undefined = `${what}?limit=${limit}`; path !== undefined;) {
      const page: Answer = await this.#send(api.get(path));
      pages.push(page);
      path = /^<\/api\/user\/(.+)>; rel="next"$/.exec(String(page.headers['link'] ?? ''))?.[1];
    }
    const [first] = pages as [Answer];
    const strange = pages.find(({ status }) => status !== 200 && status !== 204);
    const rows = pages.map(({ text }) => text.slice(1, -1)).filter((text) => text !== '');
    this.memory.check(what, mark, strange ?? { ...first, text: `[${rows.join(',')}]` });
    this.findings.count('lists read in pages');
  }

  /** @param only asks this replica alone. @returns the status that a session is answered now. */
  async tryOut(session: Session, only?: string): Promise<number> {
    const answer = await this.#call(api.by(session.token, api.read('balance')), only);
    if (answer.status !== 401) this.sessions.accepted(session, answer.sentAt);
    else if (!session.mayHaveEnded)
      this.complain('was answered 401 in a session that nothing has ended');
    return answer.status;
  }

  /** A call in the present session, and in the next one where that has ended. */
  async #send(call: api.Call, only?: string): Promise<Answer> {
    for (let lost = 0; ;) {
      const session = this.sessions.current ?? (await this.logIn());
      const answer = await this.#call(api.by(session.token, call), only);
      lost += answer.lost;
      if (answer.status === 401) {
        this.sessions.refused(session);
        continue;
      }
      this.sessions.accepted(session, answer.sentAt);
      return { ...answer, lost };
    }
  }

  /** Each call draws from a stream of its own: the order of answers must not decide who draws. */
  async #call(call: api.Call, only?: string): Promise<Answer> {
    const began = Date.now();
    const random = this.random.fork(`call ${this.#calls++}`);
    const answer = await this.client.call(call, random, only);
    this.findings.peak('longest wait for an answer, ms', Date.now() - began);
    if (answer.status >= 500)
      this.complain(`${call.line} was answered ${answer.status} ${answer.text.slice(0, 200)}`);
    return answer;
  }
}
