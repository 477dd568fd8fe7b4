import type { Caller } from '../../kernel/application/caller.js';
import type { Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import type { Login, Password } from '../domain/credentials.js';
import type { Session, SessionEnd, SignedIn } from '../domain/session.js';
import type { User } from '../domain/user.js';

/** HMAC with SHA-256 (RFC 7518, 3.2), and no other. */
export const TOKEN_ALGORITHM = 'HS256';

/** What a signed-in client shows with every request. */
export abstract class AccessTokens {
  /** A token that is good for {@link AuthSettings.tokenTtlSeconds}. */
  abstract issue(signedIn: SignedIn): string;

  /**
   * What a token says that was remembered and has not expired; undefined for every other. Whether
   * the session has ended before, `Sessions` tells; whether its user still exists,
   * {@link KnownUsers}.
   */
  abstract recall(token: string): Session | undefined;

  /**
   * Remembers a token whose signature was verified, by its claims.
   *
   * @returns what it says; undefined where these are not the claims of a token of ours, or it has
   * expired.
   */
  abstract remember(token: string, claims: unknown): Session | undefined;
}

/** Ends that were stored one after another. */
export interface SessionEndsPage {
  readonly ends: readonly SessionEnd[];
  /** Where the next page begins; undefined: at the beginning, nothing was stored yet. */
  readonly mark: string | undefined;
  readonly isLast: boolean;
}

/** Where it is kept which sessions have ended before their tokens expired. */
export abstract class SessionEnds {
  /**
   * What was stored after an earlier page. None is ever missed: they become visible in the order
   * in which they are stored.
   *
   * @param mark of the earlier page; undefined for the first one.
   * @param maxAgeS how old, in seconds, the end of a generation may be: older tokens have expired.
   * @returns undefined where the mark is not known any more, so that one must begin anew.
   * @throws DatabaseUnavailable
   */
  abstract after(mark: string | undefined, maxAgeS: number): Promise<SessionEndsPage | undefined>;
}

/** Ends the sessions of single tokens. */
export abstract class SessionEnding {
  /**
   * Stores that these sessions have ended, and removes what nobody needs any more.
   *
   * @returns the users among them who exist.
   */
  abstract end(
    transaction: Transaction,
    sessions: readonly Session[],
  ): Deferred<ReadonlySet<string>>;
}

/** Answers whether the user that a token names still exists, and is not blocked. */
export abstract class KnownUsers {
  /**
   * Not for use inside a transaction: the answer is shared with other callers. @throws
   * DatabaseUnavailable
   */
  abstract has(userId: string): Promise<boolean>;
}

/**
 * Keeps passwords from being guessed: so many failed log-ins per minute for one login from one
 * address, and so many from one address over all logins.
 */
export abstract class LoginAttempts {
  /**
   * Makes one attempt. It counts where it ends in WrongCredentials; while it is under way it takes
   * the place of a failure, and where no place is left the next attempt waits for its end.
   *
   * @throws TooManyLoginAttempts once a limit is reached, for the rest of the minute that began
   * with the first failure; what `attempt` throws.
   */
  abstract make<T>(login: Login, address: string, attempt: () => Promise<T>): Promise<T>;
}

/**
 * Hashing is slow on purpose, so the number at once and the number waiting are limited, and the
 * callers' addresses take turns. Both methods throw HashingOverloaded beyond the limit, and
 * ClientDisconnected when the client has disconnected before its turn.
 */
export abstract class PasswordHasher {
  abstract hash(password: Password, caller: Caller): Promise<string>;

  /**
   * Whether `hash` was made of `password`. Without a hash the answer is no, after the same work in
   * the same queue.
   */
  abstract verify(password: Password, hash: string | undefined, caller: Caller): Promise<boolean>;

  /** A new password of at least so many characters, to be read out. Nobody can guess it. */
  abstract invent(minLength: number): string;
}

export abstract class UserRepository {
  /**
   * Stores a new user. @returns false where the login, or this very user, is stored already;
   * nothing has changed then.
   */
  abstract add(transaction: Transaction, user: User): Promise<boolean>;

  /** The user of the login as it was typed, or else of its NFC form. */
  abstract byLogin(login: Login, transaction?: Transaction): Promise<User | undefined>;

  /** Nobody where they were forgotten. */
  abstract byId(id: string, transaction?: Transaction): Promise<User | undefined>;

  /**
   * Users whose login is stored in another spelling than NFC, up to `limit`: only exactly this
   * spelling finds them.
   */
  abstract notNormalized(limit: number): Promise<readonly User[]>;
}

/** A hash that is to be a user's. */
export interface NewPassword {
  readonly userId: string;
  readonly hash: string;
  /**
   * Of the session that changes it, which must not have ended meanwhile; undefined for operators.
   */
  readonly generation?: number;
}

/** The sessions that begin now have this generation. */
export interface ChangedPassword {
  readonly generation: number;
  /** False: an earlier try of the same work has stored it. */
  readonly isNew: boolean;
}

/** Changes who may sign in. What ends all sessions of a user raises their generation. */
export abstract class UserAccess {
  /**
   * Stores the hash and ends all sessions; once, where it is done again with the same hash.
   *
   * @returns undefined where the user is gone, or the session has ended, or the user is blocked and
   * changes it themselves.
   */
  abstract changePassword(
    transaction: Transaction,
    password: NewPassword,
  ): Promise<ChangedPassword | undefined>;

  /**
   * Ends those of this generation, and of earlier ones.
   *
   * @returns false where they had ended before.
   */
  abstract endSessions(
    transaction: Transaction,
    userId: string,
    generation: number,
  ): Promise<boolean>;

  /**
   * Ends those of so many users that no statement takes long, in the order of their ids.
   *
   * @param userId is the last one of those before; undefined: begins.
   * @returns the last one of these; undefined: there was none left.
   */
  abstract endSessionsAfter(
    transaction: Transaction,
    userId: string | undefined,
  ): Promise<string | undefined>;

  /**
   * Ends all sessions, too.
   *
   * @returns false where there is no such user, or the user is blocked already.
   */
  abstract block(transaction: Transaction, userId: string, reason: string): Promise<boolean>;

  /** @returns false where there is no such user, or the user is not blocked. */
  abstract unblock(transaction: Transaction, userId: string): Promise<boolean>;

  /**
   * Erases login and password, and ends all sessions. The row stays, for it owns things.
   *
   * @returns false where there is no such user.
   */
  abstract forget(transaction: Transaction, userId: string): Promise<boolean>;
}
