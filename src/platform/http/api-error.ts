import type { ErrorKind } from '../../kernel/domain/domain-error.js';

/** An error as clients know it. Name and messages are the contract's. */
export interface ApiError {
  readonly name: string;
  readonly status: number;
  readonly ru: string;
  readonly en: string;
  /** A detail for the API document, where `en` would not show what a detail is. */
  readonly exampleDetail?: string;
  /** What every reply with it has besides. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API errors of DomainErrors, by their `code`. */
export type ErrorRows = Readonly<Record<string, ApiError>>;

/** What each kind of error is in HTTP. */
export const STATUS: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  insufficient: 402,
  'not-found': 404,
  conflict: 409,
  invalid: 422,
  'too-many': 429,
  internal: 500,
  unavailable: 503,
};

export const ErrBadRequest: ApiError = {
  name: 'ErrBadRequest',
  status: STATUS.malformed,
  ru: 'неверный формат запроса',
  en: 'malformed request',
  exampleDetail: 'a JSON object is expected',
};

export const ErrNotFound: ApiError = {
  name: 'ErrNotFound',
  status: STATUS['not-found'],
  ru: 'ресурс не найден',
  en: 'resource not found',
};

export const ErrMethodNotAllowed: ApiError = {
  name: 'ErrMethodNotAllowed',
  status: 405,
  ru: 'метод не поддерживается',
  en: 'method not allowed',
};

export const ErrBodyTooLarge: ApiError = {
  name: 'ErrBodyTooLarge',
  status: 413,
  ru: 'слишком большое тело запроса',
  en: 'request body is too large',
};

export const ErrWrongOrderFormat: ApiError = {
  name: 'ErrWrongOrderFormat',
  status: STATUS.invalid,
  ru: 'неверный формат заказа',
  en: 'malformed order number',
  exampleDetail: 'the check digit of the order number is wrong',
};

export const ErrImpossibleSum: ApiError = {
  name: 'ErrImpossibleSum',
  status: STATUS.invalid,
  ru: 'недопустимая сумма',
  en: 'impossible sum',
  exampleDetail: 'a sum has at most two decimals: 0.001',
};

export const ErrCountRequest: ApiError = {
  name: 'ErrCountRequest',
  status: STATUS['too-many'],
  ru: 'превышено количество запросов в секунду',
  en: 'too many requests per second',
};

export const ErrInternal: ApiError = {
  name: 'ErrInternal',
  status: STATUS.internal,
  ru: 'внутренняя ошибка сервера',
  en: 'internal server error',
};

export const ErrUnavailable: ApiError = {
  name: 'ErrUnavailable',
  status: STATUS.unavailable,
  ru: 'сервис временно недоступен',
  en: 'service is temporarily unavailable',
};

/** The errors of the kernel, which no module owns. */
export const KERNEL_ERRORS: ErrorRows = {
  'order-number-missing': ErrBadRequest,
  'order-number-invalid': ErrWrongOrderFormat,
  'impossible-sum': ErrImpossibleSum,
  'malformed-call': ErrBadRequest,
  'unknown-page': ErrBadRequest,
  'moment-in-future': ErrBadRequest,
  'bad-parameter': ErrBadRequest,
  // Nobody reads it, but the metrics count it.
  'client-disconnected': ErrBadRequest,
};

const BY_STATUS = new Map(
  [
    ErrNotFound,
    ErrMethodNotAllowed,
    ErrBodyTooLarge,
    ErrCountRequest,
    ErrInternal,
    ErrUnavailable,
  ].map((error) => [error.status, error]),
);

/** The error for a status that the framework gave. */
export function apiErrorOf(status: number): ApiError {
  return BY_STATUS.get(status) ?? (status >= 500 ? ErrInternal : ErrBadRequest);
}
