import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { Clock } from '../../kernel/application/system.js';
import { AccessTokens } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';
import { TooManyRequests } from '../domain/errors.js';
import { tokenOf } from './request-token.js';

const SECOND_MS = 1000;
/** Users and addresses counted at once: about 200 bytes each, so 10 MB at most. */
const MAX_CLIENTS = 50_000;

interface Count {
  requests: number;
  /** When the second is over that the first request began, in milliseconds since 1970. */
  endsAt: number;
}

/**
 * So many requests of one user a second, over all routes of the API and in this process. It goes
 * before authentication. Refused requests do not count, so whoever keeps sending still gets what
 * was promised.
 *
 * Not @nestjs/throttler: 6.7 is CommonJS and requires Nest, which Jest cannot load that way before
 * Node 24.9; it is also unbounded in memory and looks at every request of the last second, once for
 * each request.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  readonly #counts = new LRUCache<string, Count>({ max: MAX_CLIENTS });

  constructor(
    private readonly settings: AuthSettings,
    private readonly tokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  /** @throws TooManyRequests */
  canActivate(context: ExecutionContext): boolean {
    const limit = this.settings.rateLimitPerSecond;
    if (limit === 0) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    // By the route and not by the path as sent: `/%61pi/user/login` is served too. Health and
    // metrics are not the API's.
    if (!request.routeOptions.url?.startsWith('/api/')) return true;
    const count = this.#countOf(this.#clientOf(request));
    if (count.requests >= limit) throw new TooManyRequests();
    count.requests++;
    return true;
  }

  /** The user where the token is good, else the address; a user's id is never an address. */
  #clientOf(request: FastifyRequest): string {
    const token = tokenOf(request);
    return (token === undefined ? undefined : this.tokens.verify(token)) ?? request.ip;
  }

  #countOf(client: string): Count {
    const now = this.clock.now().getTime();
    let count = this.#counts.get(client);
    if (!count || now >= count.endsAt) {
      count = { requests: 0, endsAt: now + SECOND_MS };
      this.#counts.set(client, count);
    }
    return count;
  }
}
