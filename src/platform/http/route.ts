import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import { type Caller, SOCKETS } from '../../kernel/application/caller.js';
import { clientAddress } from './client/client-address.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Everybody may call it: no token is asked for. */
    readonly isPublic?: boolean;
    /** The media types of which it takes a body. */
    readonly consumes?: readonly string[];
  }
}

/** Opens a handler to everybody. Without it a route needs a token. */
export function Public(): MethodDecorator {
  return (target, method) => configureRoute(target, method, { isPublic: true });
}

const CONFIGS = new WeakMap<object, FastifyContextConfig>();

/** Adds to what other decorators have set: Nest's RouteConfig alone would replace it. */
export function configureRoute(
  target: object,
  method: string | symbol,
  config: FastifyContextConfig,
): void {
  const value = Reflect.get(target, method) as object;
  const merged = { ...CONFIGS.get(value), ...config };
  CONFIGS.set(value, merged);
  RouteConfig(merged)(target, method, { value });
}

/** Binds a handler's parameter to the client at the other end of the connection. */
export const RequestCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { socket } = request;
    return {
      get address() {
        return clientAddress(request);
      },
      get isDisconnected() {
        // The end of what the client sends comes first. The connection is torn down on our side
        // some turns of the event loop later.
        return socket.readableEnded || socket.destroyed;
      },
      presence: SOCKETS,
    };
  },
);
