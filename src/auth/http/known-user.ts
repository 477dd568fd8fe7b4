import { NotAuthenticated } from '../domain/errors.js';

/**
 * For reads of the user's own, which find out by themselves that the user is gone.
 *
 * @throws NotAuthenticated where `read` is undefined.
 */
export function ofKnownUser<T>(read: T | undefined): T {
  if (read === undefined) throw new NotAuthenticated();
  return read;
}
