import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../kernel/application/caller.js';

/**
 * Binds a handler's parameter to the client at the other end of the connection, as it is at each
 * moment that it is asked about.
 */
export const RequestCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => {
    const { socket } = context.switchToHttp().getRequest<FastifyRequest>();
    return {
      get isDisconnected() {
        // Its end comes first; until the connection is torn down on our side too, some turns of the
        // event loop go by.
        return socket.readableEnded || socket.destroyed;
      },
    };
  },
);
