/** How far the clocks of processes and database may differ, in seconds. */
export const CLOCKS_DIFFER_S = 3_600;

/** Who has signed in: what a token is issued for. */
export interface SignedIn {
  readonly userId: string;
  /**
   * Of the user when they signed in. A session is over once the user's generation is higher:
   * changing the password ends all of them at once.
   */
  readonly generation: number;
}

/** What a valid token says. */
export interface Session extends SignedIn {
  /** The SHA-256 of the token, in Base64. A log-out ends this token alone. */
  readonly tokenHash: string;
  /** When the token expires, in seconds since 1970. */
  readonly expiresAt: number;
  /** Until when it is taken, likewise: earlier where tokens are good for less time by now. */
  readonly goodUntil: number;
}

/** Sessions that have ended before their tokens expired. */
export type SessionEnd =
  /** Those of the user's generations below this one. */
  | { readonly userId: string; readonly generation: number }
  /** That of one token. */
  | { readonly userId: string; readonly tokenHash: string };

/** What is known of sessions that have ended. */
export class EndedSessions {
  readonly #generations = new Map<string, number>();
  readonly #tokens = new Set<string>();

  add(end: SessionEnd): void {
    if ('tokenHash' in end) this.#tokens.add(end.tokenHash);
    else {
      const { userId, generation } = end;
      this.#generations.set(userId, Math.max(generation, this.#generations.get(userId) ?? 0));
    }
  }

  include({ userId, generation, tokenHash }: Session): boolean {
    return (this.#generations.get(userId) ?? 0) > generation || this.#tokens.has(tokenHash);
  }
}
