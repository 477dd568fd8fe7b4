import { createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  onRequestHookHandler,
} from 'fastify';
import passport from 'passport';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import { clientAddress } from '../../platform/http/client/client-address.js';
import { AccessTokens } from '../application/ports.js';
import { Sessions, type SessionState } from '../application/sessions.js';
import { NotAuthenticated, TooManyRequests } from '../domain/errors.js';
import type { Session } from '../domain/session.js';
import { RateLimit } from './rate-limit.js';
import { tokenOf } from './token/request-token.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request's token says; undefined on public routes. */
    session: Session | undefined;
    /** Whose token it is. */
    userId: string | undefined;
  }
}

/** What passport calls back with. */
type Verified = (error: Error | null, session: Session | false) => void;

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
    private readonly sessions: Sessions,
    private readonly rateLimit: RateLimit,
  ) {}

  /**
   * Closes all routes that are registered from now on, but those whose handler is `@Public()` and
   * those that `isOpen` names by their URL.
   */
  closeRoutes(server: FastifyInstance, isOpen: (url: string) => boolean): void {
    server.decorateRequest('session', undefined);
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
      const session = this.tokens.recall(token);
      if (session !== undefined) return this.#enterBy(request, session, access, done);
      verify(request, reply).then((verified) => {
        if (verified === undefined) this.#enter(request, undefined, access, done);
        else this.#enterBy(request, verified, access, done);
      }, done);
    };
  }

  #enterBy(
    request: FastifyRequest,
    session: Session,
    access: RouteAccess,
    done: HookHandlerDoneFunction,
  ): void {
    const enter = (state: SessionState): void => {
      if (state === 'unknown' && !access.isPublic)
        return done(new DatabaseUnavailable('it is not known which sessions have ended'));
      this.#enter(request, state === 'ended' ? undefined : session, access, done);
    };
    const state = this.sessions.stateOf(session);
    if (state !== 'unknown' || access.isPublic) enter(state);
    else this.sessions.settle(session).then(enter, done);
  }

  #enter(
    request: FastifyRequest,
    session: Session | undefined,
    { isPublic, isCounted }: RouteAccess,
    done: HookHandlerDoneFunction,
  ): void {
    if (isCounted && !this.rateLimit.admits(session?.userId ?? clientAddress(request)))
      done(new TooManyRequests());
    else if (isPublic) done();
    else if (session === undefined) done(new NotAuthenticated());
    else {
      request.session = session;
      request.userId = session.userId;
      done();
    }
  }
}

/** Has passport's `JwtStrategy` verify a token that was not seen before. */
function verify(request: FastifyRequest, reply: FastifyReply): Promise<Session | undefined> {
  return new Promise((resolve, reject) => {
    const verified: Verified = (error, session) =>
      error ? reject(error) : resolve(session === false ? undefined : session);
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

/** Binds a handler's parameter to what the request's token says. */
export const CurrentSession = createParamDecorator(
  (_: unknown, context: ExecutionContext): Session => {
    const { session } = context.switchToHttp().getRequest<FastifyRequest>();
    if (session === undefined) throw new Error('a public route knows no session');
    return session;
  },
);
