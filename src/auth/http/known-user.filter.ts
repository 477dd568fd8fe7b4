import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError, UserMissing } from '../../kernel/domain/domain-error.js';
import type { ErrorFilter } from '../../platform/http/error-filter.js';
import type { KnownUsers } from '../application/ports.js';

/**
 * Turns every refusal into UserMissing where the user was removed after the token was issued: 401
 * comes before all other errors. It holds for every route.
 *
 * Only refusals ask: a call that succeeds has found its user by itself. To ask before each call
 * made uploads a tenth slower.
 */
@Catch()
export class KnownUserFilter implements ExceptionFilter {
  constructor(
    private readonly users: KnownUsers,
    private readonly errors: ErrorFilter,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void | Promise<void> {
    const { userId } = host.switchToHttp().getRequest<FastifyRequest>();
    return userId !== undefined && isRefusal(error)
      ? this.#catchOf(userId, error, host)
      : this.errors.catch(error, host);
  }

  async #catchOf(userId: string, error: unknown, host: ArgumentsHost): Promise<void> {
    let told = error;
    try {
      if (!(await this.users.has(userId))) told = new UserMissing();
    } catch (databaseAway) {
      told = databaseAway;
    }
    this.errors.catch(told, host);
  }
}

/** Not a fault of ours: that stays one, and a database that is away is not waited for twice. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof HttpException ||
    (error instanceof DomainError && !(error instanceof UserMissing))
  );
}
