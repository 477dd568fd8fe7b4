import { createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  onRequestHookHandler,
} from 'fastify';
import passport from 'passport';
import { clientAddress } from '../../platform/http/client/client-address.js';
import { AccessTokens } from '../application/ports.js';
import { NotAuthenticated, TooManyRequests } from '../domain/errors.js';
import { RateLimit } from './rate-limit.js';
import { tokenOf } from './request-token.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose token the request shows; undefined on public routes. */
    userId: string | undefined;
  }
}

/** What passport calls back with. */
type Verified = (error: Error | null, userId: string | false) => void;

interface RouteAccess {
  readonly isPublic: boolean;
  /** Whether requests are counted (RATE_LIMIT_RPS). */
  readonly isCounted: boolean;
}

/**
 * Asks every route's requests who sends them, before their body is read: 429, then 401, then what
 * the body is (ADR 0025). Whether the token's user still exists is found out by what the request
 * then does (`KnownUserFilter`).
 */
@Injectable()
export class Authentication {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly rateLimit: RateLimit,
  ) {}

  /**
   * Closes all routes that are registered from now on, but those whose handler is `@Public()` and
   * those that `isOpen` names by their URL.
   */
  closeRoutes(server: FastifyInstance, isOpen: (url: string) => boolean): void {
    server.decorateRequest('userId', undefined);
    server.addHook('onRoute', (route) => {
      const isPublic = route.config?.isPublic === true || isOpen(route.url);
      const isCounted = this.rateLimit.countsRoute(route.url);
      if (isPublic && !isCounted) return;
      const hook = this.#hook({ isPublic, isCounted });
      route.onRequest = [route.onRequest ?? []].flat().concat(hook);
    });
  }

  /** Written with callbacks: a token that was verified before costs no promise. */
  #hook(access: RouteAccess): onRequestHookHandler {
    return (request, reply, done) => {
      const token = tokenOf(request);
      if (token === undefined) return this.#enter(request, undefined, access, done);
      const userId = this.tokens.recall(token);
      if (userId !== undefined) return this.#enter(request, userId, access, done);
      verify(request, reply).then((verified) => this.#enter(request, verified, access, done), done);
    };
  }

  #enter(
    request: FastifyRequest,
    userId: string | undefined,
    { isPublic, isCounted }: RouteAccess,
    done: HookHandlerDoneFunction,
  ): void {
    if (isCounted && !this.rateLimit.admits(userId ?? clientAddress(request)))
      done(new TooManyRequests());
    else if (isPublic) done();
    else if (userId === undefined) done(new NotAuthenticated());
    else {
      request.userId = userId;
      done();
    }
  }
}

/** Has passport's `JwtStrategy` verify a token that was not seen before. */
function verify(request: FastifyRequest, reply: FastifyReply): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const verified: Verified = (error, userId) =>
      error ? reject(error) : resolve(userId === false ? undefined : userId);
    const authenticate = passport.authenticate('jwt', { session: false }, verified) as (
      request: FastifyRequest,
      reply: FastifyReply,
      next: (error: Error) => void,
    ) => void;
    authenticate(request, reply, reject);
  });
}

/** Binds a handler's parameter to the id of the user who sends the request. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { userId } = context.switchToHttp().getRequest<FastifyRequest>();
  if (userId === undefined) throw new Error('a public route does not know its user');
  return userId;
});
