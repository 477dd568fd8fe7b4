import type { Caller } from '../../kernel/application/caller.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import type { Login, Password } from '../domain/credentials.js';
import type { User } from '../domain/user.js';

/** HMAC with SHA-256 (RFC 7518, 3.2), and no other. */
export const TOKEN_ALGORITHM = 'HS256';

/** What a signed-in client shows with every request. */
export abstract class AccessTokens {
  /** A token that is good for {@link AuthSettings.tokenTtlSeconds}. */
  abstract issue(userId: string): string;

  /**
   * The id of the user of a token that was remembered and has not expired; undefined for every
   * other. Whether that user still exists, {@link KnownUsers} tells.
   */
  abstract recall(token: string): string | undefined;

  /**
   * Remembers a token whose signature was verified, by its claims.
   *
   * @returns the id of its user; undefined where these are not the claims of a token of ours, or it
   * has expired.
   */
  abstract remember(token: string, claims: unknown): string | undefined;
}

/** Answers whether the user that a token names still exists. */
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
}

export abstract class UserRepository {
  /**
   * Stores a new user. @returns false where the login, or this very user, is stored already;
   * nothing has changed then.
   */
  abstract add(transaction: Transaction, user: User): Promise<boolean>;

  /** The user of the login as it was typed, or else of its NFC form. */
  abstract byLogin(login: Login, transaction?: Transaction): Promise<User | undefined>;

  /**
   * Users whose login is stored in another spelling than NFC, up to `limit`: only exactly this
   * spelling finds them.
   */
  abstract notNormalized(limit: number): Promise<readonly User[]>;
}
