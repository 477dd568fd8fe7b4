import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  NotFoundException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  DatabaseUnavailable,
  Overloaded,
  StaleState,
} from '../../kernel/application/persistence-errors.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import { CATALOG, DOMAIN_ERRORS, type ErrorName, nameOfStatus } from './error-catalog.js';

interface Refusal {
  readonly name: ErrorName;
  /**
   * What exactly is wrong with the request, in English, for its developer: the contract fixes the
   * two fields of the body.
   */
  readonly detail?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The one place where an error becomes a reply: `{"code", "message"}`, in the client's language,
 * whoever raised it.
 */
@Injectable()
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    const refusal = refusalOf(error, request);
    if (refusal.name === 'ErrInternal')
      request.log.error({ requestId: request.id, err: error }, 'the request failed');
    else if (refusal.name === 'ErrUnavailable')
      request.log.warn({ requestId: request.id, err: error }, 'the request could not be served');
    sendRefusal(reply, request.headers['accept-language'], refusal);
  }
}

/** Sends an error of the catalogue; for hooks that run before or after Nest's filters. */
export function sendRefusal(
  reply: FastifyReply,
  acceptLanguage: string | undefined,
  { name, detail, headers }: Refusal,
): void {
  const language = prefersEnglish(acceptLanguage) ? 'en' : 'ru';
  const { status, [language]: message } = CATALOG[name];
  void reply
    .code(status)
    .headers({
      'content-type': 'application/json; charset=utf-8',
      'content-language': language,
      vary: 'Accept-Language',
      ...headers,
    })
    .headers(detail === undefined ? {} : { 'x-error-detail': headerText(detail) })
    .send(JSON.stringify({ code: status, message }));
}

function refusalOf(error: unknown, request: FastifyRequest): Refusal {
  if (error instanceof DomainError) {
    const name = DOMAIN_ERRORS[error.code] ?? 'ErrInternal';
    return {
      name,
      ...(name !== 'ErrInternal' && { detail: error.message }),
      headers: retryAfter(error),
    };
  }
  if (
    error instanceof DatabaseUnavailable ||
    error instanceof Overloaded ||
    error instanceof StaleState
  ) {
    return { name: 'ErrUnavailable', headers: { 'retry-after': '1' } };
  }
  if (error instanceof NotFoundException) {
    const allowed = methodsOf(request);
    if (allowed.length > 0)
      return { name: 'ErrMethodNotAllowed', headers: { allow: allowed.join(', ') } };
  }
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  const name = nameOfStatus(status);
  return { name, ...(status < 500 && { detail: (error as Error).message }) };
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

function methodsOf({ server, url }: FastifyRequest): string[] {
  // Decodable, or Fastify would have refused it before. A proxy may send the whole address (RFC
  // 9112, 3.2.2): the router drops its origin too.
  const path = decodeURI(url.replace(/^https?:\/\/[^/]*/i, '').split('?', 1)[0] ?? url);
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
