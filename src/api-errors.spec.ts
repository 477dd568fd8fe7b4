import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ErrorKind } from './kernel/domain/domain-error.js';
import { apiErrorOf, STATUS } from './platform/http/api-error.js';
import { API_ERRORS } from './api-errors.js';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  // The simulator is an accrual system: its errors do not pass our filter.
  .filter((file) => !file.startsWith('simulator'))
  .map((file) => readFileSync(join('src', file), 'utf8'));

/** Name, code and kind of every subclass of DomainError; `''` where one is not a literal. */
const SUBCLASSES = SOURCES.flatMap((source) =>
  [...source.matchAll(/class (\w+) extends DomainError \{([\s\S]*?)\n\}/g)].map(
    ([, name = '', body = '']) => ({
      name,
      code: /readonly code = '([^']+)'/.exec(body)?.[1] ?? '',
      kind: (/readonly kind = '([^']+)'/.exec(body)?.[1] ?? '') as ErrorKind,
    }),
  ),
);

/** Those whose code is their own: what another process has refused has a code of one of these. */
const OWN = SUBCLASSES.filter(({ name }) => name !== 'RefusedElsewhere');

/** Those that are a mistake of ours, if a client meets one at all. */
const INTERNAL = OWN.filter(({ kind }) => kind === 'internal');
const REFUSALS = OWN.filter(({ kind }) => kind !== 'internal');

describe('the API errors', () => {
  it('are tested with every subclass of DomainError', () => {
    const extending = SOURCES.flatMap((source) => source.match(/extends DomainError/g) ?? []);
    expect(SUBCLASSES).toHaveLength(extending.length);
    expect(REFUSALS.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['InsufficientFunds', 'LoginTaken', 'UserMissing']),
    );
    expect(INTERNAL.map(({ name }) => name)).toContain('OrderIsFinal');
  });

  it.each(REFUSALS)('have a row for $name, of the status that its kind has', ({ code, kind }) => {
    expect(API_ERRORS).toHaveProperty([code, 'status'], STATUS[kind]);
  });

  it.each(INTERNAL)('have no row for $name: its reply is ErrInternal', ({ code }) => {
    expect(API_ERRORS).not.toHaveProperty([code]);
  });

  it('have no row that nobody throws, and each code is one class', () => {
    const codes = OWN.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(Object.keys(API_ERRORS).filter((code) => !codes.includes(code))).toEqual([]);
  });

  it('say what the contract says', () => {
    const messages = Object.values(API_ERRORS).map(({ name, status, ru }) => [name, status, ru]);
    expect(messages).toEqual(
      expect.arrayContaining([
        ['ErrBadRequest', 400, 'неверный формат запроса'],
        ['ErrUserOrPasswordBad', 401, 'неверный логин или пароль'],
        ['ErrUnauthenticated', 401, 'пользователь не аутентифицирован'],
        ['ErrLowBalance', 402, 'недостаточно баллов лояльности для оплаты заказа'],
        ['ErrUserBusy', 409, 'логин уже занят'],
        ['ErrOrderAlreadyLoaded', 409, 'номер заказа уже был загружен другим пользователем'],
        ['ErrWrongOrderFormat', 422, 'неверный формат заказа'],
        ['ErrCountRequest', 429, 'превышено количество запросов в секунду'],
        ['ErrLoginAttempts', 429, 'слишком много попыток входа'],
        ['ErrBusy', 429, 'сервис занят, повторите позже'],
      ]),
    );
    expect(apiErrorOf(500)).toMatchObject({ name: 'ErrInternal', ru: 'внутренняя ошибка сервера' });
  });

  it('have both languages', () => {
    for (const { ru, en } of Object.values(API_ERRORS)) {
      expect(ru).toMatch(/^[а-яё ,]+$/);
      expect(en).toMatch(/^[a-z ,]+$/);
    }
  });

  it.each([
    [400, 'ErrBadRequest'],
    [404, 'ErrNotFound'],
    [405, 'ErrMethodNotAllowed'],
    [413, 'ErrBodyTooLarge'],
    [415, 'ErrBadRequest'],
    [429, 'ErrCountRequest'],
    [500, 'ErrInternal'],
    [503, 'ErrUnavailable'],
  ])('call the framework’s %d %s', (status, name) => {
    expect(apiErrorOf(status).name).toBe(name);
  });
});
