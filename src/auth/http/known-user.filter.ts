import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
} from '@nestjs/common';
import { DomainError } from '../../kernel/domain/domain-error.js';
import { ErrorFilter } from '../../platform/http/error-filter.js';
import { KnownUsers } from '../application/ports.js';
import { NotAuthenticated } from '../domain/errors.js';
import type { SignedInUser } from './jwt.strategy.js';

/**
 * Whoever is gone is told 401, and not what is wrong with the request besides.
 *
 * A call that succeeds has found its user by itself; only a refusal has to ask. A guard that asked
 * before each call cost an upload a tenth of its time.
 */
@Injectable()
@Catch()
export class KnownUserFilter implements ExceptionFilter {
  constructor(
    private readonly users: KnownUsers,
    private readonly errors: ErrorFilter,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const { user } = host.switchToHttp().getRequest<{ user?: SignedInUser }>();
    // A fault of ours stays one, and a database that is away must not be waited for twice.
    const isRefusal = error instanceof HttpException || error instanceof DomainError;
    this.errors.catch(user && isRefusal ? await this.#unlessGone(error, user) : error, host);
  }

  async #unlessGone(error: unknown, { userId }: SignedInUser): Promise<unknown> {
    try {
      return (await this.users.has(userId)) ? error : new NotAuthenticated();
    } catch (databaseAway) {
      return databaseAway;
    }
  }
}
