import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  NotFoundException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  DatabaseUnavailable,
  Overloaded,
  StaleState,
} from '../../kernel/application/persistence-errors.js';
import type { Readiness } from '../observability/endpoints.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import {
  type ApiError,
  apiErrorOf,
  ErrInternal,
  ErrMethodNotAllowed,
  type ErrorRows,
  ErrUnavailable,
} from './api-error.js';

interface Refusal {
  readonly error: ApiError;
  /**
   * What exactly is wrong with the request, in English, for its developer: the contract fixes the
   * two fields of the body.
   */
  readonly detail?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The one place where an error of any origin becomes a reply: `{"code", "message"}`, in the
 * client's language.
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
      request.log.error({ requestId: request.id, err: error }, 'the request failed');
    else if (refusal.error === ErrUnavailable)
      request.log.warn({ requestId: request.id, err: error }, 'the request could not be served');
    // Fastify closes the connection when it refuses a body. A client that is still sending would
    // see a reset instead of the reply; Node reads the rest and drops it.
    if (reply.hasHeader('connection') && !this.readiness.isStopping)
      void reply.removeHeader('connection');
    sendRefusal(reply, request.headers['accept-language'], refusal);
  }

  #refusalOf(error: unknown, request: FastifyRequest): Refusal {
    if (error instanceof DomainError) return this.#ofDomain(error);
    if (
      error instanceof DatabaseUnavailable ||
      error instanceof Overloaded ||
      error instanceof StaleState
    ) {
      return { error: ErrUnavailable, headers: { 'retry-after': '1' } };
    }
    if (error instanceof NotFoundException) {
      const allowed = methodsOf(request);
      if (allowed.length > 0)
        return { error: ErrMethodNotAllowed, headers: { allow: allowed.join(', ') } };
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
  { error, detail, headers }: Refusal,
): void {
  const language = prefersEnglish(acceptLanguage) ? 'en' : 'ru';
  const { status, [language]: message } = error;
  void reply
    .code(status)
    .headers({
      'content-type': 'application/json; charset=utf-8',
      'content-language': language,
      vary: 'Accept-Language',
      ...error.headers,
      ...headers,
    })
    .headers(detail === undefined ? {} : { 'x-error-detail': headerText(detail) })
    .send(JSON.stringify({ code: status, message }));
}

/** Fastify's own errors carry a status; anything else is a fault of ours. */
function statusOf(error: unknown): number {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 ? status : 500;
}

function retryAfter(error: DomainError): Record<string, string> {
  const seconds = (error as { retryAfterSeconds?: unknown }).retryAfterSeconds;
  return typeof seconds === 'number' ? { 'retry-after': `${Math.max(1, Math.ceil(seconds))}` } : {};
}

/** The methods that the path of a request has routes for. */
function methodsOf({ server, url }: FastifyRequest): string[] {
  // Decodable, or Fastify would have refused it before. A proxy may send the whole address (RFC
  // 9112, 3.2.2): the router drops its origin too.
  const path = decodeURI(url.replace(/^https?:\/\/[^/]*/i, '').split('?', 1)[0] ?? url);
  // `GET *orders`: Node takes it, and the router throws.
  if (!path.startsWith('/')) return [];
  return ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) =>
    server.hasRoute({ method, url: path }),
  );
}

/**
 * Whether the header ranks English above Russian (RFC 9110, 12.5.4); without a preference the
 * contract's language is Russian.
 */
function prefersEnglish(header = ''): boolean {
  const weights = { ru: 0, en: 0 };
  for (const range of header.toLowerCase().split(',')) {
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
    .slice(0, 500);
}
