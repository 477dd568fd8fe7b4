import { type ArgumentsHost, BadRequestException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import {
  ConnectionLost,
  DatabaseUnavailable,
  DataRejected,
  Overloaded,
  StaleState,
} from '../../kernel/application/persistence-errors.js';
import { DomainError } from '../../kernel/domain/domain-error.js';
import { ImpossibleSum } from '../../kernel/domain/money.js';
import { Readiness } from '../observability/readiness.js';
import { KERNEL_ERRORS } from './api-error.js';
import { ErrorFilter } from './error-filter.js';

interface Sent {
  status: number;
  headers: Record<string, string>;
  body: { code: number; message: string; error: string; detail?: string };
  logged: string[];
}

class Unlisted extends DomainError {
  readonly code = 'unlisted';
  readonly kind = 'conflict';
}

/** What the filter makes of an error, for a request to a path that only knows `POST`. */
function reply(
  error: unknown,
  acceptLanguage?: string,
  { alreadySent = false, method = 'GET' } = {},
): Partial<Sent> {
  const sent: Partial<Sent> & { headers: Record<string, string>; logged: string[] } = {
    headers: {},
    logged: [],
  };
  const log = (level: string) => () => sent.logged.push(level);
  const request = {
    headers: { 'accept-language': acceptLanguage },
    url: '/api/user/login?x=1',
    method,
    log: { error: log('error'), warn: log('warn') },
    server: {
      findRoute: ({ method, url }: { method: string; url: string }) =>
        method === 'POST' && url.startsWith('/api/user/login') ? {} : null,
    },
  };
  const response = {
    sent: alreadySent,
    code(status: number) {
      sent.status = status;
      return response;
    },
    headers(headers: Record<string, string>) {
      Object.assign(sent.headers, headers);
      return response;
    },
    hasHeader: (name: string) => name in sent.headers,
    getHeader: (name: string) => sent.headers[name],
    removeHeader(name: string) {
      sent.headers = Object.fromEntries(
        Object.entries(sent.headers).filter(([key]) => key !== name),
      );
      return response;
    },
    send(body: string) {
      sent.body = JSON.parse(body) as Sent['body'];
      return response;
    },
  };
  const http = { getRequest: () => request, getResponse: () => response };
  new ErrorFilter(KERNEL_ERRORS, new Readiness()).catch(error, {
    switchToHttp: () => http,
  } as unknown as ArgumentsHost);
  return sent;
}

describe(ErrorFilter.name, () => {
  it.each([
    [undefined, 'ru'],
    ['', 'ru'],
    ['en', 'en'],
    ['en-US,en;q=0.9', 'en'],
    ['EN', 'en'],
    ['ru,en;q=0.8', 'ru'],
    ['en;q=0.8,ru', 'ru'],
    ['de, en;q=0.5, ru;q=0.4', 'en'],
    ['de', 'ru'],
    ['*', 'ru'],
    ['en;q=0', 'ru'],
    ['en;q=garbage', 'ru'],
    ['ru;q=0.1, en ; q=0.2', 'en'],
    [';;,,;q=', 'ru'],
  ])('answers Accept-Language %j in %s', (header, language) => {
    const { body, headers } = reply(new BadRequestException('x'), header);
    expect(body?.message).toBe(language === 'en' ? 'malformed request' : 'неверный формат запроса');
    expect(headers).toMatchObject({ 'content-language': language, vary: 'Accept-Language' });
  });

  it('calls a broken rule by its name outside, with the detail in body and header', () => {
    const sent = reply(new ImpossibleSum('finer than a kopeck: ½'), 'en');
    expect(Object.entries(sent.body ?? {})).toEqual([
      ['code', 422],
      ['message', 'impossible sum'],
      ['error', 'ErrImpossibleSum'],
      ['detail', 'finer than a kopeck: ½'],
    ]);
    expect(sent).toMatchObject({
      status: 422,
      headers: { 'x-error-detail': 'finer than a kopeck: \\u00bd' },
      logged: [],
    });
  });

  it.each([
    new DatabaseUnavailable('x'),
    new ConnectionLost('x'),
    new Overloaded('x'),
    new StaleState('x'),
  ])('asks the client to come back after %s', (error) => {
    expect(reply(error)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      logged: ['warn'],
    });
  });

  it.each([
    new Error('SELECT secret'),
    new DataRejected('SELECT secret'),
    new Unlisted('SELECT secret'),
    'SELECT secret',
    null,
  ])('keeps the detail of %s to the log', (error) => {
    const sent = reply(error);
    expect(sent).toMatchObject({ status: 500, logged: ['error'] });
    expect(sent.body).toEqual({
      code: 500,
      message: 'внутренняя ошибка сервера',
      error: 'ErrInternal',
    });
    expect(JSON.stringify(sent)).not.toContain('secret');
  });

  it('tells a wrong method from an unknown route', () => {
    expect(reply(new NotFoundException())).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
    });
    expect(reply(new NotFoundException(), 'en', { method: 'POST' })).toMatchObject({ status: 404 });
  });

  it('cuts a detail that quotes too much, between two characters', () => {
    const { body, headers } = reply(new BadRequestException('🦫'.repeat(400).slice(1)));
    expect(body?.detail).toHaveLength(500);
    expect(body?.detail?.isWellFormed()).toBe(true);
    expect(headers?.['x-error-detail']?.length).toBeLessThanOrEqual(500);
  });

  it('takes the status of Fastify’s own errors', () => {
    expect(reply(Object.assign(new Error('x'), { statusCode: 413 }))).toMatchObject({
      status: 413,
      body: { code: 413 },
    });
    expect(reply(Object.assign(new Error('x'), { statusCode: 200 }))).toMatchObject({
      status: 500,
    });
  });

  it('leaves a reply alone that is on its way', () => {
    expect(reply(new Error('late'), undefined, { alreadySent: true })).toEqual({
      headers: {},
      logged: [],
    });
  });
});
