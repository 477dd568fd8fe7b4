import { expect } from '@jest/globals';
import type { RawReply } from './raw-http.js';

export interface Refusal {
  readonly code: number;
  readonly ru: string;
  readonly en: string;
}

/**
 * The errors of the contract, written out once more: a change of the service's own table must turn
 * tests red.
 */
export const REFUSALS = {
  badRequest: { code: 400, ru: 'неверный формат запроса', en: 'malformed request' },
  wrongPair: { code: 401, ru: 'неверный логин или пароль', en: 'wrong login or password' },
  unauthenticated: {
    code: 401,
    ru: 'пользователь не аутентифицирован',
    en: 'user is not authenticated',
  },
  lowBalance: {
    code: 402,
    ru: 'недостаточно баллов лояльности для оплаты заказа',
    en: 'not enough loyalty points to pay for the order',
  },
  notFound: { code: 404, ru: 'ресурс не найден', en: 'resource not found' },
  methodNotAllowed: { code: 405, ru: 'метод не поддерживается', en: 'method not allowed' },
  loginTaken: { code: 409, ru: 'логин уже занят', en: 'login is already taken' },
  othersOrder: {
    code: 409,
    ru: 'номер заказа уже был загружен другим пользователем',
    en: 'order number has already been uploaded by another user',
  },
  paidOtherwise: {
    code: 409,
    ru: 'номер заказа уже был оплачен другой суммой или другим пользователем',
    en: 'order number has already been paid with another sum or by another user',
  },
  bodyTooLarge: { code: 413, ru: 'слишком большое тело запроса', en: 'request body is too large' },
  wrongOrder: { code: 422, ru: 'неверный формат заказа', en: 'malformed order number' },
  impossibleSum: { code: 422, ru: 'недопустимая сумма', en: 'impossible sum' },
  tooMany: {
    code: 429,
    ru: 'превышено количество запросов в секунду',
    en: 'too many requests per second',
  },
  loginAttempts: { code: 429, ru: 'слишком много попыток входа', en: 'too many login attempts' },
  busy: { code: 429, ru: 'сервис занят, повторите позже', en: 'service is busy, try again later' },
  unavailable: {
    code: 503,
    ru: 'сервис временно недоступен',
    en: 'service is temporarily unavailable',
  },
} as const satisfies Record<string, Refusal>;

/**
 * Demands this very error: its status, its type, and a body of `code` and `message` and nothing
 * else.
 */
export function expectRefusal(
  reply: RawReply,
  refusal: Refusal,
  language: 'ru' | 'en' = 'ru',
  about?: string,
): void {
  expect({
    about,
    status: reply.status,
    type: reply.headers['content-type'],
    body: reply.text,
  }).toEqual({
    about,
    status: refusal.code,
    type: 'application/json; charset=utf-8',
    body: `{"code":${refusal.code},"message":"${refusal[language]}"}`,
  });
}
