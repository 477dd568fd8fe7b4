import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Trace } from '../../../kernel/domain/trace.js';

/** Begins the ids of this process. The number behind it is cheaper than a UUID for each request. */
const PROCESS = randomBytes(9).toString('base64url');
let requests = 0;

/** A client's own id is kept where it is fit to be logged. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,64}$/.test(given)
    ? given
    : `${PROCESS}.${++requests}`;
}

/** The client's own `traceparent`; of several, or of one that is malformed, there is none. */
function traceOf({ headers }: FastifyRequest): Trace | undefined {
  return Trace.read(headers['traceparent']);
}

/** Binds a handler's parameter to the trace that the request belongs to, if any. */
export const RequestTrace = createParamDecorator(
  (_: unknown, context: ExecutionContext): Trace | undefined =>
    traceOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** What each line of the log names its request by. */
export function idsOf(request: FastifyRequest): {
  readonly requestId: string;
  readonly traceId: string | undefined;
} {
  return { requestId: request.id, traceId: traceOf(request)?.id };
}
