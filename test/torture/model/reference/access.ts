import { type Expectation, MESSAGES, refusal, type Occasion } from './expectation.js';

interface User {
  readonly id: string;
  readonly password: string;
  readonly generation: number;
  readonly isBlocked: boolean;
}

interface Session {
  /** The user's id. */
  readonly of: string;
  readonly generation: number;
  /** The turn in which it ended. */
  readonly endedIn?: number;
}

/**
 * `ending`: it has ended in this very turn. What runs at once may be ahead of that, and another
 * replica need not know it yet.
 */
export type SessionState = 'live' | 'ending' | 'ended';

const TOKEN = { status: 200, kind: 'token' } as const;

/** Users by the name that they sign in with, and their sessions by what the story calls them. */
export class Access {
  private constructor(
    private readonly users: Map<string, User>,
    private readonly sessions: Map<string, Session>,
    private registered: number,
  ) {}

  static empty(): Access {
    return new Access(new Map(), new Map(), 0);
  }

  clone(): Access {
    return new Access(new Map(this.users), new Map(this.sessions), this.registered);
  }

  /** What later replies can tell apart. */
  get state(): unknown {
    return [this.users, this.sessions].map((map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Who can sign in, or could if they were not blocked. */
  get names(): string[] {
    return [...this.users.keys()];
  }

  idOf(name: string): string | undefined {
    return this.users.get(name)?.id;
  }

  nameOf(id: string): string | undefined {
    return this.names.find((name) => this.idOf(name) === id);
  }

  passwordOf(name: string): string | undefined {
    return this.users.get(name)?.password;
  }

  isBlocked(name: string): boolean {
    return this.users.get(name)?.isBlocked === true;
  }

  /** Points can be spent, by whoever shows a token that is believed. */
  maySpend(id: string): boolean {
    return [...this.users.values()].some((user) => user.id === id && !user.isBlocked);
  }

  register(name: string, password: string, session: string): Expectation {
    if (this.users.has(name)) return refusal(409, MESSAGES.loginTaken);
    // A login that was forgotten is another user's the next time.
    const user = { id: `${name} ${++this.registered}`, password, generation: 0, isBlocked: false };
    this.users.set(name, user);
    return this.#begin(session, user);
  }

  logIn(name: string, password: string, session: string): Expectation {
    const user = this.users.get(name);
    return user && user.password === password && !user.isBlocked
      ? this.#begin(session, user)
      : refusal(401, MESSAGES.wrongPair);
  }

  stateOf(session: string, turn: number): SessionState {
    const known = this.sessions.get(session);
    if (!known) return 'ended';
    const { endedIn } = known;
    if (endedIn === undefined) return 'live';
    return endedIn === turn ? 'ending' : 'ended';
  }

  /** The id of the user whose session it is, or was. */
  ownerOf(session: string): string {
    return this.sessions.get(session)?.of ?? '';
  }

  /** The sessions that ended in a turn. */
  endedIn(turn: number): string[] {
    return [...this.sessions].flatMap(([name, each]) => (each.endedIn === turn ? [name] : []));
  }

  logOut(session: string, { turn }: Occasion): Expectation {
    const known = this.sessions.get(session);
    if (known && known.endedIn === undefined)
      this.sessions.set(session, { ...known, endedIn: turn });
    return { status: 204, kind: 'empty' };
  }

  /**
   * @param session that asks for it: it may have been ended in this turn by the same change, whose
   * repetition succeeds.
   */
  changePassword(
    session: string,
    passwords: { readonly current: string; readonly next: string },
    next: string,
    occasion: Occasion,
  ): Expectation {
    const { of = '', generation = NaN } = this.sessions.get(session) ?? {};
    const [name, user] = [...this.users].find(([, { id }]) => id === of) ?? [];
    if (name === undefined || !user || user.isBlocked)
      return refusal(401, MESSAGES.unauthenticated);
    if (user.generation === generation + 1)
      return user.password === passwords.next
        ? this.#begin(next, user)
        : refusal(401, MESSAGES.wrongPair);
    if (user.generation !== generation) return refusal(401, MESSAGES.unauthenticated);
    if (user.password !== passwords.current) return refusal(401, MESSAGES.wrongPair);
    const changed = this.#endAll(name, user, occasion, { password: passwords.next });
    return this.#begin(next, changed);
  }

  block(name: string, occasion: Occasion): Expectation {
    return this.#operate(name, (user) => {
      if (!user.isBlocked) this.#endAll(name, user, occasion, { isBlocked: true });
      return !user.isBlocked;
    });
  }

  unblock(name: string): Expectation {
    return this.#operate(name, (user) => {
      this.users.set(name, { ...user, isBlocked: false });
      return user.isBlocked;
    });
  }

  endSessions(name: string, occasion: Occasion): Expectation {
    return this.#operate(name, (user) => {
      this.#endAll(name, user, occasion);
      return true;
    });
  }

  forget(name: string, occasion: Occasion): Expectation {
    return this.#operate(name, (user) => {
      this.#endAll(name, user, occasion);
      return this.users.delete(name);
    });
  }

  #operate(name: string, change: (user: User) => boolean): Expectation {
    const user = this.users.get(name);
    if (!user) return { status: 1, kind: 'not done', says: 'no customer has the login ' };
    return { status: 0, kind: 'access', changed: change(user) };
  }

  #begin(session: string, { id: of, generation }: User): Expectation {
    this.sessions.set(session, { of, generation });
    return TOKEN;
  }

  #endAll(
    name: string,
    user: User,
    { turn }: Occasion,
    change: Partial<Pick<User, 'password' | 'isBlocked'>> = {},
  ): User {
    const changed = { ...user, ...change, generation: user.generation + 1 };
    this.users.set(name, changed);
    for (const [session, each] of this.sessions)
      if (each.of === user.id && each.endedIn === undefined)
        this.sessions.set(session, { ...each, endedIn: turn });
    return changed;
  }
}
