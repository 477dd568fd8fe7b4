/** One error as clients know it; the messages are the contract's own. */
export interface CatalogEntry {
  readonly status: number;
  readonly ru: string;
  readonly en: string;
}

/** Every error that leaves the service, by its name in the contract. */
export const CATALOG = {
  ErrBadRequest: { status: 400, ru: 'неверный формат запроса', en: 'malformed request' },
  ErrUserOrPasswordBad: {
    status: 401,
    ru: 'неверный логин или пароль',
    en: 'wrong login or password',
  },
  ErrLowBalance: {
    status: 402,
    ru: 'недостаточно баллов лояльности для оплаты заказа',
    en: 'not enough loyalty points to pay for the order',
  },
  ErrNotFound: { status: 404, ru: 'ресурс не найден', en: 'resource not found' },
  ErrMethodNotAllowed: { status: 405, ru: 'метод не поддерживается', en: 'method not allowed' },
  ErrUserBusy: { status: 409, ru: 'логин уже занят', en: 'login is already taken' },
  ErrOrderAlreadyLoaded: {
    status: 409,
    ru: 'номер заказа уже был загружен другим пользователем',
    en: 'order number has already been uploaded by another user',
  },
  ErrOrderAlreadyPaid: {
    status: 409,
    ru: 'номер заказа уже был оплачен другой суммой или другим пользователем',
    en: 'order number has already been paid with another sum or by another user',
  },
  ErrBodyTooLarge: {
    status: 413,
    ru: 'слишком большое тело запроса',
    en: 'request body is too large',
  },
  ErrWrongOrderFormat: { status: 422, ru: 'неверный формат заказа', en: 'malformed order number' },
  ErrImpossibleSum: { status: 422, ru: 'недопустимая сумма', en: 'impossible sum' },
  ErrCountRequest: {
    status: 429,
    ru: 'превышено количество запросов в секунду',
    en: 'too many requests per second',
  },
  ErrInternal: { status: 500, ru: 'внутренняя ошибка сервера', en: 'internal server error' },
  ErrUnavailable: {
    status: 503,
    ru: 'сервис временно недоступен',
    en: 'service is temporarily unavailable',
  },
} as const satisfies Record<string, CatalogEntry>;

export type ErrorName = keyof typeof CATALOG;

/**
 * What each broken rule of the domain is called outside, by `DomainError.code`; a test demands an
 * entry for every subclass.
 */
export const DOMAIN_ERRORS: Readonly<Record<string, ErrorName>> = {
  'login-unacceptable': 'ErrBadRequest',
  'password-unacceptable': 'ErrBadRequest',
  'login-taken': 'ErrUserBusy',
  'wrong-credentials': 'ErrUserOrPasswordBad',
  'not-authenticated': 'ErrUserOrPasswordBad',
  'user-missing': 'ErrUserOrPasswordBad',
  // Read by nobody, but counted in the metrics.
  'client-disconnected': 'ErrBadRequest',
  'too-many-attempts': 'ErrCountRequest',
  'too-many-requests': 'ErrCountRequest',
  'hashing-overloaded': 'ErrCountRequest',
  'order-number-missing': 'ErrBadRequest',
  'order-number-invalid': 'ErrWrongOrderFormat',
  'order-of-another-user': 'ErrOrderAlreadyLoaded',
  'impossible-sum': 'ErrImpossibleSum',
  'insufficient-funds': 'ErrLowBalance',
  'order-paid-otherwise': 'ErrOrderAlreadyPaid',
  // Between the worker and the books only: a client who met one would have met a mistake of ours.
  'order-is-final': 'ErrInternal',
  'balance-limit-reached': 'ErrInternal',
};

/** The name of an error that only its HTTP status tells: those that the framework raises. */
export function nameOfStatus(status: number): ErrorName {
  const names: Readonly<Record<number, ErrorName>> = {
    401: 'ErrUserOrPasswordBad',
    404: 'ErrNotFound',
    405: 'ErrMethodNotAllowed',
    413: 'ErrBodyTooLarge',
    429: 'ErrCountRequest',
    503: 'ErrUnavailable',
  };
  return names[status] ?? (status >= 500 ? 'ErrInternal' : 'ErrBadRequest');
}
