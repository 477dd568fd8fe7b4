import { expect } from '@jest/globals';
import type { RawReply } from './raw-http.js';

export interface Refusal {
  readonly name: string;
  readonly code: number;
  readonly ru: string;
  readonly en: string;
}

/**
 * The errors of the contract, written out once more: a change of the service's own table must turn
 * tests red.
 */
export const REFUSALS = {
  badRequest: {
    name: 'ErrBadRequest',
    code: 400,
    ru: 'неверный формат запроса',
    en: 'malformed request',
  },
  wrongPair: {
    name: 'ErrUserOrPasswordBad',
    code: 401,
    ru: 'неверный логин или пароль',
    en: 'wrong login or password',
  },
  unauthenticated: {
    name: 'ErrUnauthenticated',
    code: 401,
    ru: 'пользователь не аутентифицирован',
    en: 'user is not authenticated',
  },
  lowBalance: {
    name: 'ErrLowBalance',
    code: 402,
    ru: 'недостаточно баллов лояльности для оплаты заказа',
    en: 'not enough loyalty points to pay for the order',
  },
  notFound: { name: 'ErrNotFound', code: 404, ru: 'ресурс не найден', en: 'resource not found' },
  methodNotAllowed: {
    name: 'ErrMethodNotAllowed',
    code: 405,
    ru: 'метод не поддерживается',
    en: 'method not allowed',
  },
  loginTaken: {
    name: 'ErrUserBusy',
    code: 409,
    ru: 'логин уже занят',
    en: 'login is already taken',
  },
  othersOrder: {
    name: 'ErrOrderAlreadyLoaded',
    code: 409,
    ru: 'номер заказа уже был загружен другим пользователем',
    en: 'order number has already been uploaded by another user',
  },
  paidOtherwise: {
    name: 'ErrOrderAlreadyPaid',
    code: 409,
    ru: 'номер заказа уже был оплачен другой суммой или другим пользователем',
    en: 'order number has already been paid with another sum or by another user',
  },
  orderReversed: {
    name: 'ErrOrderReversed',
    code: 409,
    ru: 'оплата этого заказа была отменена',
    en: 'the payment of this order was reversed',
  },
  bodyTooLarge: {
    name: 'ErrBodyTooLarge',
    code: 413,
    ru: 'слишком большое тело запроса',
    en: 'request body is too large',
  },
  wrongOrder: {
    name: 'ErrWrongOrderFormat',
    code: 422,
    ru: 'неверный формат заказа',
    en: 'malformed order number',
  },
  impossibleSum: {
    name: 'ErrImpossibleSum',
    code: 422,
    ru: 'недопустимая сумма',
    en: 'impossible sum',
  },
  tooMany: {
    name: 'ErrCountRequest',
    code: 429,
    ru: 'превышено количество запросов в секунду',
    en: 'too many requests per second',
  },
  loginAttempts: {
    name: 'ErrLoginAttempts',
    code: 429,
    ru: 'слишком много попыток входа',
    en: 'too many login attempts',
  },
  busy: {
    name: 'ErrBusy',
    code: 429,
    ru: 'сервис занят, повторите позже',
    en: 'service is busy, try again later',
  },
  tooManyStreams: {
    name: 'ErrTooManyStreams',
    code: 429,
    ru: 'слишком много открытых потоков событий',
    en: 'too many open streams of events',
  },
  unavailable: {
    name: 'ErrUnavailable',
    code: 503,
    ru: 'сервис временно недоступен',
    en: 'service is temporarily unavailable',
  },
} as const satisfies Record<string, Refusal>;

/**
 * Demands this very error: its status, its type, and a body of the contract's members, in its
 * order, and nothing else.
 */
export function expectRefusal(
  reply: RawReply,
  { name, code, ...messages }: Refusal,
  language: 'ru' | 'en' = 'ru',
  about?: string,
): void {
  const detail = detailOf(reply);
  expect({
    about,
    status: reply.status,
    type: reply.headers['content-type'],
    body: reply.text,
    detail,
    header: reply.headers['x-error-detail'],
  }).toEqual({
    about,
    status: code,
    type: 'application/json; charset=utf-8',
    body: JSON.stringify({ code, message: messages[language], error: name, detail }),
    detail: code < 500 ? expect.stringMatching(/^.*[a-z]{2}.*$/s) : undefined,
    header: detail && escaped(detail),
  });
}

/** What the body says is wrong. */
export function detailOf({ text }: RawReply): string | undefined {
  try {
    return (JSON.parse(text) as { detail?: string }).detail;
  } catch {
    return undefined;
  }
}

function escaped(detail: string): string {
  const code = (each: string): string => each.charCodeAt(0).toString(16).padStart(4, '0');
  return detail.replace(/[^\x20-\x7e]/g, (each) => `\\u${code(each)}`).slice(0, 500);
}
