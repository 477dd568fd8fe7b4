import * as api from '../../support/http/client.js';
import { type Answer, GaveUp } from './retrying-client.js';
import type { Ending, Session, Sessions } from './memory/sessions.js';

const PASSWORD = 'пароль with spaces ';

/** Who a customer is to the service: login and password, and the sessions that they begin. */
export class SigningIn {
  #password = PASSWORD;
  /** It may be in force already. */
  #next: string | undefined;
  #changes = 0;
  #signingIn: Promise<Session> | undefined;

  constructor(
    private readonly login: string,
    private readonly sessions: Sessions,
    /** Makes a call that no session is needed for, or one that is signed. */
    private readonly call: (call: api.Call) => Promise<Answer>,
    /** @throws GaveUp */
    private readonly rest: () => Promise<void>,
    private readonly complain: (sentence: string) => void,
  ) {}

  /** After a lost answer the login may be taken by this customer: the password opens it. */
  async register(): Promise<void> {
    const answer = await this.call(api.register(this.login, this.#password));
    if (answer.status === 409 && answer.lost > 0) await this.logIn();
    else this.#begin(answer, 'registering');
  }

  /** Those who want to at once sign in together. @throws GaveUp */
  logIn(): Promise<Session> {
    return (this.#signingIn ??= this.#logIn().finally(() => (this.#signingIn = undefined)));
  }

  /** Goes on while there is a reason for a refusal: a block, or a change of the password. */
  async #logIn(): Promise<Session> {
    for (;;) {
      const began = Date.now();
      for (const password of [this.#next, this.#password]) {
        if (password === undefined) continue;
        const answer = await this.call(api.logIn(this.login, password));
        if (answer.status === 401) continue;
        if (password === this.#next) this.#isChanged();
        return this.#begin(answer, 'logging in');
      }
      if (this.sessions.isQuietSince(began)) {
        this.complain('cannot sign in');
        throw new GaveUp('a log-in', 0);
      }
      await this.rest();
    }
  }

  /** Repeated until it is known which password is in force: an answer may be lost for good. */
  async changePassword(): Promise<void> {
    const next = `${PASSWORD}${++this.#changes}`;
    const ending = this.sessions.ending();
    this.#next = next;
    // As long as no log-in has found out.
    while (this.#next === next) {
      const session = this.sessions.current ?? (await this.logIn());
      if (this.#next !== next) break;
      const change = api.changePassword(this.#password, next);
      const answer = await this.call(api.by(session.token, change));
      if (answer.status === 401) {
        this.sessions.refused(session);
        continue;
      }
      this.sessions.accepted(session, answer.sentAt);
      this.#isChanged();
      this.#begin(answer, 'changing the password', ending);
    }
    ending.certain();
    ending.over();
  }

  async logOut(): Promise<void> {
    const session = this.sessions.current ?? (await this.logIn());
    const mayHaveEnded = session.mayHaveEnded;
    const began = Date.now();
    this.sessions.leave(session);
    const { status, lost, sentAt } = await this.call(api.by(session.token, api.logOut()));
    if (status === 204) this.sessions.accepted(session, sentAt);
    else if (status !== 401 || (lost === 0 && !mayHaveEnded && this.sessions.isQuietSince(began)))
      this.complain(`logging out was answered ${status}`);
    session.endedAt ??= Date.now();
  }

  #isChanged(): void {
    this.#password = this.#next ?? this.#password;
    this.#next = undefined;
  }

  #begin(answer: Answer, what: string, by?: Ending): Session {
    const token = answer.status === 200 ? api.tokenOf(answer) : undefined;
    if (token === undefined) {
      this.complain(`${what} was answered ${answer.status}`);
      throw new GaveUp(what, 0);
    }
    return this.sessions.begin(token, answer.sentAt, by);
  }
}
