import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { KnownUsers } from '../application/ports/known-users.js';
import { NotAuthenticated } from '../domain/errors.js';
import type { SignedInUser } from './jwt.strategy.js';

/** Behind JwtAuthGuard, for calls that are not themselves a read of the user's own: refuses the token of a user who is gone. */
@Injectable()
export class KnownUserGuard implements CanActivate {
  constructor(private readonly users: KnownUsers) {}

  /** @throws NotAuthenticated, DatabaseUnavailable. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { user } = context.switchToHttp().getRequest<{ user: SignedInUser }>();
    if (!(await this.users.has(user.userId))) throw new NotAuthenticated();
    return true;
  }
}

/**
 * For reads of the user's own, which find out by themselves that the user is gone: a second statement to ask first would cost them 10 of 41 µs.
 *
 * @throws NotAuthenticated where `read` is undefined.
 */
export function ofKnownUser<T>(read: T | undefined): T {
  if (read === undefined) throw new NotAuthenticated();
  return read;
}
