import { Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  preHandlerHookHandler,
} from 'fastify';
import { AccessTokens } from '../application/ports.js';
import { AuthSettings } from '../auth.settings.js';
import { recallUser } from './request-token.js';

/** Sends the reply by itself, or throws before it has sent anything. */
type Handler = (userId: string, reply: FastifyReply) => Promise<void>;

interface Lane {
  readonly controller: Type<object>;
  readonly method: string;
}

/**
 * Has Fastify call the handler when the request's token was verified before: past guards, pipes and
 * interceptors, of which such a handler has no other than {@link JwtAuthGuard}, and past filters of
 * its own. Nest's router costs a balance 5 of 31 µs, in a dozen promises and contexts. What the
 * handler throws reaches the application's filter as ever, and a token that was never seen goes
 * Nest's way.
 */
export function ExpressLane() {
  return (target: object, method: string, descriptor: TypedPropertyDescriptor<Handler>): void => {
    const expressLane = { controller: target.constructor, method };
    RouteConfig({ expressLane })(target, method, descriptor);
  };
}

/** The lanes of all controllers. */
@Injectable()
export class ExpressLanes {
  constructor(
    private readonly modules: ModuleRef,
    private readonly tokens: AccessTokens,
    private readonly settings: AuthSettings,
  ) {}

  /** Must be called before the routes are registered. */
  open(server: FastifyInstance): void {
    // It is a guard that counts requests.
    if (this.settings.rateLimitPerSecond > 0) return;
    server.addHook('onRoute', (route) => {
      const { expressLane } = (route.config ?? {}) as FastifyContextConfig & { expressLane?: Lane };
      // Fastify makes a HEAD of every GET.
      if (expressLane && route.method === 'GET') route.preHandler = this.#lane(expressLane);
    });
  }

  #lane({ controller, method }: Lane): preHandlerHookHandler {
    const instance = this.modules.get<object>(controller, { strict: false });
    const handler = (Reflect.get(instance, method) as Handler).bind(instance);
    return (request, reply, done) => {
      const userId = recallUser(this.tokens, request);
      if (userId === undefined) return done();
      handler(userId, reply).catch(done);
    };
  }
}
