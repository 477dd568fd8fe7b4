import type { Login } from '../../domain/login.js';

/**
 * Keeps passwords from being guessed: so many failed log-ins per minute for one login from one
 * address.
 */
export abstract class LoginAttempts {
  /**
   * Makes one attempt. It counts where it ends in WrongCredentials; while it is under way it takes
   * the place of a failure, and where no place is left the next attempt waits for its end.
   *
   * @throws TooManyLoginAttempts once the limit is reached, for the rest of the minute that began
   * with the first failure; what `attempt` throws.
   */
  abstract make<T>(login: Login, address: string, attempt: () => Promise<T>): Promise<T>;
}
