import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CATALOG, DOMAIN_ERRORS, nameOfStatus } from './error-catalog.js';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  // The accrual system is somebody else's: its errors never leave through our filter.
  .filter((file) => !file.startsWith('simulator'))
  .map((file) => readFileSync(join('src', file), 'utf8'));

/**
 * Class name and code of every subclass of DomainError; `undefined` where the code is not a
 * literal.
 */
const SUBCLASSES = SOURCES.flatMap((source) =>
  [...source.matchAll(/class (\w+) extends DomainError \{([\s\S]*?)\n\}/g)].map(
    ([, name = '', body = '']) => [name, /readonly code = '([^']+)'/.exec(body)?.[1]] as const,
  ),
);

describe('the error catalogue', () => {
  it('finds the subclasses of DomainError, one by one', () => {
    const extending = SOURCES.flatMap((source) => source.match(/extends DomainError/g) ?? []);
    expect(SUBCLASSES).toHaveLength(extending.length);
    expect(SUBCLASSES.map(([name]) => name)).toEqual(
      expect.arrayContaining(['InsufficientFunds', 'OrderIsFinal', 'LoginTaken']),
    );
  });

  it.each(SUBCLASSES)('decides what %s is called outside', (_, code) => {
    expect(Object.keys(DOMAIN_ERRORS)).toContain(code);
  });

  it('has no code twice, and none that nobody throws', () => {
    const codes = SUBCLASSES.map(([, code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(Object.keys(DOMAIN_ERRORS).filter((code) => !codes.includes(code))).toEqual([]);
  });

  it.each([
    ['ErrBadRequest', 400, 'неверный формат запроса'],
    ['ErrUserOrPasswordBad', 401, 'неверный логин или пароль'],
    ['ErrLowBalance', 402, 'недостаточно баллов лояльности для оплаты заказа'],
    ['ErrUserBusy', 409, 'логин уже занят'],
    ['ErrOrderAlreadyLoaded', 409, 'номер заказа уже был загружен другим пользователем'],
    ['ErrWrongOrderFormat', 422, 'неверный формат заказа'],
    ['ErrCountRequest', 429, 'превышено количество запросов в секунду'],
    ['ErrInternal', 500, 'внутренняя ошибка сервера'],
  ] as const)('says %s as the contract does', (name, status, ru) => {
    expect(CATALOG[name]).toMatchObject({ status, ru });
  });

  it('has both languages for every error', () => {
    for (const { ru, en } of Object.values(CATALOG)) {
      expect(ru).toMatch(/^[а-яё ]+$/);
      expect(en).toMatch(/^[a-z ]+$/);
    }
  });

  it.each([
    [400, 'ErrBadRequest'],
    [401, 'ErrUserOrPasswordBad'],
    [404, 'ErrNotFound'],
    [405, 'ErrMethodNotAllowed'],
    [413, 'ErrBodyTooLarge'],
    [415, 'ErrBadRequest'],
    [429, 'ErrCountRequest'],
    [500, 'ErrInternal'],
    [503, 'ErrUnavailable'],
  ])('names the framework’s %d %s', (status, name) => {
    expect(nameOfStatus(status)).toBe(name);
  });
});
