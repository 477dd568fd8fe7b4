/** A session as its owner knows it. */
export interface Session {
  readonly token: string;
  /** Something has, or may have, ended it: then 401 is no surprise. */
  mayHaveEnded: boolean;
  /** When it was certain that it had ended. */
  endedAt?: number;
}

/** Something that ends all sessions of a customer. */
export interface Ending {
  /** Those that there were when it began have ended. */
  certain(): void;
  /** New ones may begin that it does not end. */
  over(): void;
}

/** A process that is cut off from the others believes what it knew, but no longer than this. */
const BELIEVED_FOR_MS = 10_000;

/** What one customer knows of its sessions, and which of them must be refused. */
export class Sessions {
  readonly #all: Session[] = [];
  readonly #underWay = new Set<Ending>();
  /** When the last of them was over. */
  #lastEnding = -Infinity;
  #current: Session | undefined;
  /** Since when it is certain that an operator keeps the customer out. */
  #blockedAt: number | undefined;

  constructor(private readonly complain: (sentence: string) => void) {}

  get hasBegun(): boolean {
    return this.#all.length > 0;
  }

  /** The one that calls are made in; undefined: first sign in. */
  get current(): Session | undefined {
    return this.#current;
  }

  get all(): readonly Session[] {
    return this.#all;
  }

  /**
   * @param sentAt when the request was sent that began it.
   * @param by ends all others.
   */
  begin(token: string, sentAt: number, by?: Ending): Session {
    if (this.isBlockedSince(sentAt)) this.complain('signed in though an operator has blocked it');
    const session = { token, mayHaveEnded: !this.isQuietSince(sentAt, by) };
    this.#all.push(session);
    return (this.#current = session);
  }

  /** Whether nothing else that ends sessions, or keeps the customer out, was at work since. */
  isQuietSince(time: number, but?: Ending): boolean {
    return [...this.#underWay].every((each) => each === but) && this.#lastEnding < time;
  }

  /** Whether it is certain of all the time since then. */
  isBlockedSince(time: number): boolean {
    return this.#blockedAt !== undefined && this.#blockedAt < time;
  }

  /** Before all sessions are ended. */
  ending(): Ending {
    const concerned = this.#all.filter(({ endedAt }) => endedAt === undefined);
    for (const each of concerned) each.mayHaveEnded = true;
    const ending: Ending = {
      certain: () => {
        for (const each of concerned) each.endedAt ??= Date.now();
      },
      over: () => {
        this.#underWay.delete(ending);
        this.#lastEnding = Date.now();
      },
    };
    this.#underWay.add(ending);
    return ending;
  }

  /** Before a single one is ended. */
  leave(session: Session): void {
    session.mayHaveEnded = true;
    if (this.#current === session) this.#current = undefined;
  }

  blocked(): void {
    this.#blockedAt = Date.now();
  }

  /** Before the customer is let in again. */
  unblocking(): void {
    this.#blockedAt = undefined;
  }

  /** A call was answered 401. */
  refused(session: Session): void {
    if (!session.mayHaveEnded)
      this.complain('was answered 401 in a session that nothing has ended');
    this.leave(session);
  }

  /** A call was answered otherwise. */
  accepted({ endedAt = Infinity }: Session, sentAt: number): void {
    const lateMs = sentAt - endedAt;
    if (lateMs > BELIEVED_FOR_MS)
      this.complain(`was believed in a session that had ended ${lateMs} ms before`);
  }
}
