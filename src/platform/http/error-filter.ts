import { STATUS_CODES } from 'node:http';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  NotFoundException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUnavailable } from '../../kernel/application/persistence-errors.js';
import { type Readiness, Stopping } from '../observability/readiness.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import {
  type ApiError,
  apiErrorOf,
  ErrInternal,
  ErrMethodNotAllowed,
  type ErrorRows,
  ErrUnavailable,
} from './api-error.js';
import { idsOf } from './client/request-ids.js';

/** An error, and what is said of it. */
export interface Refusal {
  readonly error: ApiError;
  /** What is wrong with the request: an English sentence. Every 4xx has one, no 5xx does. */
  readonly detail?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The most of Accept-Language that is read: all of 16 KB would take several milliseconds. */
const LONGEST_LANGUAGES = 1_000;

/** The most of a detail that is sent, in UTF-16 units: it may quote what the client sent. */
const LONGEST_DETAIL = 500;

/**
 * The one place where an error of any origin becomes a reply: `{"code", "message", "error",
 * "detail"}`, the message in the client's language (ADR 0034).
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly rows: ErrorRows,
    private readonly readiness: Readiness,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    const refusal = this.#refusalOf(error, request);
    if (refusal.error === ErrInternal)
      request.log.error({ ...idsOf(request), err: error }, 'the request failed');
    else if (refusal.error === ErrUnavailable && !(error instanceof Stopping))
      request.log.warn({ ...idsOf(request), err: error }, 'the request could not be served');
    // Fastify closes the connection when it refuses a body. A client that is still sending would
    // see a reset instead of the reply; Node reads the rest and drops it.
    if (reply.hasHeader('connection') && !this.readiness.isStopping)
      void reply.removeHeader('connection');
    sendRefusal(reply, request.headers['accept-language'], refusal);
  }

  #refusalOf(error: unknown, request: FastifyRequest): Refusal {
    if (error instanceof DomainError) return this.#ofDomain(error);
    if (isUnavailable(error)) return { error: ErrUnavailable, headers: { 'retry-after': '1' } };
    if (error instanceof NotFoundException) {
      const allowed = methodsOf(request);
      if (allowed.length > 0) {
        const allow = allowed.join(', ');
        const detail = `${request.method} is not allowed here, but ${allow}`;
        return { error: ErrMethodNotAllowed, detail, headers: { allow } };
      }
    }
    const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
    return {
      error: apiErrorOf(status),
      ...(status < 500 && { detail: (error as Error).message }),
    };
  }

  #ofDomain(error: DomainError): Refusal {
    const row = this.rows[error.code];
    return row
      ? { error: row, detail: error.message, headers: retryAfter(error) }
      : { error: ErrInternal };
  }
}

/** Sends an error; for hooks that run before or after Nest's filters. */
export function sendRefusal(
  reply: FastifyReply,
  acceptLanguage: string | undefined,
  refusal: Refusal,
): void {
  const { status, headers, body } = errorReply(refusal, acceptLanguage);
  reply.errorName = refusal.error.name;
  const vary = [reply.getHeader('vary') ?? [], headers['vary']].flat().join(', ');
  void reply
    .code(status)
    .headers({ ...headers, vary })
    .send(body);
}

/** The whole reply, for a connection that Node has given up. */
export function refusalBytes(refusal: Refusal): string {
  const { status, headers, body } = errorReply(refusal);
  const lines = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}

/** An error as it goes over the wire. */
function errorReply(
  { error, detail, headers }: Refusal,
  acceptLanguage?: string,
): { status: number; headers: Record<string, string>; body: string } {
  const language = prefersEnglish(acceptLanguage) ? 'en' : 'ru';
  const { name, status, [language]: message } = error;
  const shown = detail?.slice(0, LONGEST_DETAIL).toWellFormed();
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-language': language,
      vary: 'Accept-Language',
      ...error.headers,
      ...headers,
      ...(shown !== undefined && { 'x-error-detail': headerText(shown) }),
    },
    body: JSON.stringify({ code: status, message, error: name, detail: shown }),
  };
}

/** Fastify's own errors carry a status; anything else is a fault of ours. */
function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 ? status : 500;
}

function retryAfter({ retryAfterSeconds: seconds }: DomainError): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': `${Math.max(1, Math.ceil(seconds))}` };
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * The methods that a request could use at its path: none where it could use its own, because then
 * it is what it asks for that does not exist.
 */
function methodsOf({ server, url, method }: FastifyRequest): string[] {
  // `GET *orders`: Node takes it, and the router has no path to look for.
  if (!/^(?:https?:\/)?\//i.test(url)) return [];
  // Its type leaves out the null.
  const find = (each: (typeof METHODS)[number]): object | null =>
    server.findRoute({ method: each, url });
  const known = METHODS.filter((each) => find(each) !== null);
  return (known as string[]).includes(method) ? [] : known;
}

/**
 * Whether the header ranks English above Russian (RFC 9110, 12.5.4); without a preference the
 * contract's language is Russian.
 */
function prefersEnglish(header = ''): boolean {
  const weights = { ru: 0, en: 0 };
  for (const range of header.slice(0, LONGEST_LANGUAGES).toLowerCase().split(',')) {
    const [tag = '', ...parameters] = range.trim().split(';');
    const language = tag.trim().split('-', 1)[0];
    const quality = Number(
      parameters
        .find((each) => each.trim().startsWith('q='))
        ?.trim()
        .slice(2) ?? 1,
    );
    if (language === 'ru' || language === 'en')
      weights[language] = Math.max(weights[language], quality || 0);
  }
  return weights.en > weights.ru;
}

/** A header holds visible ASCII only: what else the detail quotes is escaped. */
function headerText(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .slice(0, LONGEST_DETAIL);
}
