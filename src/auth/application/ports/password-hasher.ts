import type { Password } from '../../domain/password.js';

/** Slow on purpose, so at most so many at once and so many waiting; both methods throw HashingOverloaded beyond that. */
export abstract class PasswordHasher {
  abstract hash(password: Password): Promise<string>;

  /** Whether `hash` was made of `password`. Without a hash the answer is no, after the same work in the same queue. */
  abstract verify(password: Password, hash: string | undefined): Promise<boolean>;
}
