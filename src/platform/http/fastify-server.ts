import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import fastifyCompress from '@fastify/compress';
import { NotFoundException } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { ErrBadRequest, ErrNotFound } from './api-error.js';
import { parseBodies } from './bodies.js';
import { trustFunction } from './client/client-address.js';
import { type Refusal, refusalBytes, sendRefusal } from './error-filter.js';
import type { HttpSettings } from './http.settings.js';
import { idsOf, requestId } from './client/request-ids.js';
import { measureRequests } from '../observability/request-report.js';

/** How long clients may do nothing, in milliseconds. */
export interface Timeouts {
  /** From the connection, or the first byte of a later request, to the end of the head. */
  readonly headMs: number;
  /** The same to the end of the body. */
  readonly requestMs: number;
  /** In which a client takes nothing of its reply. */
  readonly unreadMs: number;
  /** Between two looks at all connections. */
  readonly checkMs: number;
}

/**
 * Node waits 60 s for a head and 300 s for a request, looks at its connections every 30 s, and
 * waits for a reader for ever: enough for a few hundred idle sockets to hold the service up.
 */
export const TIMEOUTS: Timeouts = {
  headMs: 15_000,
  requestMs: 15_000,
  unreadMs: 30_000,
  checkMs: 1_000,
};

/** Longer than the 60 s of common load balancers, so that they close an idle connection first. */
const KEEP_ALIVE_MS = 72_000;

/** Fastify as this service needs it: bodies parsed strictly, request ids, replies compressed. */
export async function fastifyServer(
  { trustProxy, bodyLimit }: HttpSettings,
  logger: Logger,
  { headMs, requestMs, checkMs }: Timeouts,
): Promise<FastifyAdapter> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new StreamErrorLog(),
    // No logger of its own for each request: most requests never log. A line names its request.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    trustProxy: trustFunction(trustProxy),
    bodyLimit,
    // Of an order's number in a path, every digit of which may be written %31.
    routerOptions: { maxParamLength: 3 * OrderNumber.MAX_DIGITS },
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      headersTimeout: headMs,
      connectionsCheckingInterval: checkMs,
      // Without Host Node itself would answer, with an empty body.
      requireHostHeader: false,
    },
    genReqId: requestId,
    // Requests on open connections are served to the end while the service stops: only readiness
    // says no.
    return503OnClosing: false,
    // Before any hook: a path that cannot be decoded, for example.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      setCommonHeaders(request, reply);
      const refusal = { error: ErrBadRequest, detail: error.message };
      sendRefusal(reply, request.headers['accept-language'], refusal);
    },
    clientErrorHandler: refuseUnreadable,
  });
  const server = adapter.getInstance();
  // Node drops all lines behind the 2 000th: those that a proxy adds come last. The size of a head
  // is limited.
  server.server.maxHeadersCount = 0;
  // An expectation other than 100-continue need not be met (RFC 9110, 10.1.1); Node would answer
  // 417 with an empty body.
  server.server.on('checkExpectation', (request, response) =>
    server.server.emit('request', request, response),
  );
  parseBodies(server);
  // threshold 0: the contract compresses whatever the client asks to be compressed.
  await server.register(fastifyCompress, {
    threshold: 0,
    encodings: ['gzip', 'deflate'],
    globalDecompression: false,
  });
  keepEmptyRepliesEmpty(adapter);
  return adapter;
}

/** Connections that end with what is under way, for something that could not be read. */
const unreadable = new WeakSet<Socket>();

/** What cannot be read ends its connection. What was asked before it is answered first. */
function refuseUnreadable(error: ConnectionError, socket: Socket): void {
  if (unreadable.has(socket)) return;
  unreadable.add(socket);
  refuseBehindReplies(error, socket);
}

function refuseBehindReplies(error: ConnectionError, socket: Socket): void {
  const { code } = error;
  if (socket.destroyed || !socket.writable || code === 'ECONNRESET') return void socket.destroy();
  // Of a request that has all come the client would take a 400 for the answer (ADR 0027).
  const { _httpMessage: underWay } = socket as { _httpMessage?: ServerResponse };
  if (underWay?.req.complete)
    return void underWay.once('close', () => refuseBehindReplies(error, socket));
  // While a reply is being sent, it would become part of its body.
  if (underWay?.headersSent) return void socket.destroy();
  // The client is silent. A reply that it has not asked for would be taken for that to its next
  // request, and a request whose body is missing may have been answered.
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return void socket.end();
  socket.end(refusalBytes({ error: ErrBadRequest, detail: problemOf(error) }));
}

interface ConnectionError extends Error {
  readonly code?: string;
  /** What http's parser says of it. */
  readonly reason?: string;
}

/** What is wrong with a request that Node could not read. */
function problemOf(error: ConnectionError): string {
  return error.code === 'HPE_HEADER_OVERFLOW'
    ? 'the head of the request is too large'
    : `the request is not HTTP/1.1: ${error.reason ?? error.message}`;
}

/** Logs no requests, only why a reply broke off after its head: nothing else would tell. */
class StreamErrorLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true });
  }

  override streamError(error: NodeJS.ErrnoException, request: FastifyRequest): void {
    const hasClientLeft = error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!hasClientLeft) request.log.error({ err: error, ...idsOf(request) }, 'a reply broke off');
  }
}

/**
 * Fastify's own HEAD routes announce the length of a 204 too, which no 204 may do (RFC 9110, 8.6).
 * Their hook runs last, so ours goes behind it.
 */
function keepEmptyRepliesEmpty(adapter: FastifyAdapter): void {
  adapter.getInstance().addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') return;
    route.onSend = [route.onSend ?? []].flat().concat((_request, reply, payload, done) => {
      if (reply.statusCode === 204) void reply.removeHeader('content-length');
      done(null, payload);
    });
  });
}

export interface Observation {
  readonly logger: Logger;
  readonly registry: Registry;
  /** Whether a request came to the address that serves what it asks for; absent: all do. */
  readonly isServedHere?: (request: FastifyRequest) => boolean;
}

/** Names, measures and logs every request. To be called before the hook that authenticates. */
export function observeRequests(adapter: FastifyAdapter, observation: Observation): void {
  nameRequest(adapter, observation);
  measureRequests(adapter.getInstance(), observation);
}

/** What every request meets first, before it is known who is asking. */
function nameRequest(adapter: FastifyAdapter, { isServedHere }: Observation): void {
  adapter
    .getInstance()
    .addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
      setCommonHeaders(request, reply);
      const refusal = earlyRefusal(request, isServedHere);
      if (refusal) return sendRefusal(reply, request.headers['accept-language'], refusal);
      // Before the body is read: whatever is wrong with it, the route does not exist.
      if (request.is404)
        return done(new NotFoundException(`Cannot ${request.method} ${request.url}`));
      done();
    });
}

function setCommonHeaders({ id }: FastifyRequest, reply: FastifyReply): void {
  void reply
    .header('x-request-id', id)
    .header('x-content-type-options', 'nosniff')
    // Balances, lists and tokens are nobody else's. Files of the documents say otherwise.
    .header('cache-control', 'no-store');
}

/** What is wrong before anybody looks for a route; undefined: nothing. */
function earlyRefusal(
  request: FastifyRequest,
  isServedHere: Observation['isServedHere'],
): Refusal | undefined {
  const detail = hostProblem(request.raw);
  if (detail !== undefined) return { error: ErrBadRequest, detail };
  return isServedHere?.(request) === false
    ? { error: ErrNotFound, detail: 'this is not served at this address' }
    : undefined;
}

const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/** What is wrong with a request's Host (RFC 9112, 3.2). Node itself takes the first of several. */
function hostProblem({ rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  let host: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length !== 4 || rawHeaders[i]?.toLowerCase() !== 'host') continue;
    if (host !== undefined) return 'there is more than one Host header';
    host = rawHeaders[i + 1] ?? '';
  }
  if (host === undefined) return httpVersion === '1.0' ? undefined : 'HTTP/1.1 wants a Host header';
  return HOST.test(host) ? undefined : 'the Host header is not a host and a port';
}
