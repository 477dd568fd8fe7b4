import { Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { NotAuthenticated } from '../domain/errors.js';

/** Lets a request in that shows a good token of an existing user. @throws NotAuthenticated, DatabaseUnavailable. */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  override handleRequest<T>(error: unknown, user: T | false): T {
    if (error) throw error as Error;
    if (!user) throw new NotAuthenticated();
    return user;
  }
}
