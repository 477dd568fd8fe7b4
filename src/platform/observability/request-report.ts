import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Counter, Histogram, type Registry } from 'prom-client';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { clientAddress } from '../http/client/client-address.js';
import { idsOf } from '../http/client/request-ids.js';

declare module 'fastify' {
  interface FastifyReply {
    /** The name of the error that it is; undefined: it is none. */
    errorName: string | undefined;
  }
}

/** What operators hear of each request: metrics, and with `LOG_LEVEL=debug` a line. */
export function measureRequests(
  server: FastifyInstance,
  { registry, logger }: { readonly registry: Registry; readonly logger: Logger },
): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request’s head to the end of the reply',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'http_refusals_total',
    help: 'Requests that were answered with an error, by its name',
    labelNames: ['error'],
    registers: [registry],
  });
  server.decorateReply('errorName', undefined);
  server.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.observe(
      { method: request.method, route, status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
    if (reply.errorName !== undefined) refusals.inc({ error: reply.errorName });
    if (logger.isLevelEnabled('debug')) logger.debug(reportOf(request, reply), 'request');
    done();
  });
}

function reportOf(request: FastifyRequest, reply: FastifyReply): object {
  return {
    ...idsOf(request),
    method: request.method,
    url: request.url,
    status: reply.statusCode,
    ms: reply.elapsedTime,
    error: reply.errorName,
    userId: (request as { readonly userId?: string }).userId,
    address: clientAddress(request),
    order: orderOf(request),
  };
}

/** The order number in the path or the body, as it was sent; undefined where there is none. */
function orderOf({ params, body }: FastifyRequest): string | undefined {
  const { number, order } = { ...(params as object), ...fieldsOf(body) };
  const text = typeof body === 'string' ? body : (number ?? order);
  if (typeof text !== 'string' || text.length > 2 * OrderNumber.MAX_DIGITS) return undefined;
  return /^\s*(\d+)\s*$/.exec(text)?.[1];
}

function fieldsOf(body: unknown): { readonly number?: unknown; readonly order?: unknown } {
  return typeof body === 'object' && body !== null ? body : {};
}
