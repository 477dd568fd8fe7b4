import type { Caller } from '../../../shared/application/caller.js';
import type { Password } from '../../domain/password.js';

/**
 * Slow on purpose, so at most so many at once and so many waiting: both methods throw
 * HashingOverloaded beyond that, and CallerHasLeft where nobody waits for the answer any more when
 * its turn comes.
 */
export abstract class PasswordHasher {
  abstract hash(password: Password, caller: Caller): Promise<string>;

  /**
   * Whether `hash` was made of `password`. Without a hash the answer is no, after the same work in
   * the same queue.
   */
  abstract verify(password: Password, hash: string | undefined, caller: Caller): Promise<boolean>;
}
