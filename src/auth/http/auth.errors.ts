import {
  type ApiError,
  ErrBadRequest,
  ErrCountRequest,
  ErrNotFound,
  type ErrorRows,
  STATUS,
} from '../../platform/http/api-error.js';

export const ErrUserOrPasswordBad: ApiError = {
  name: 'ErrUserOrPasswordBad',
  status: STATUS.unauthenticated,
  ru: 'неверный логин или пароль',
  en: 'wrong login or password',
};

export const ErrUnauthenticated: ApiError = {
  name: 'ErrUnauthenticated',
  status: STATUS.unauthenticated,
  ru: 'пользователь не аутентифицирован',
  en: 'user is not authenticated',
  headers: { 'www-authenticate': 'Bearer' },
};

export const ErrLoginAttempts: ApiError = {
  name: 'ErrLoginAttempts',
  status: STATUS['too-many'],
  ru: 'слишком много попыток входа',
  en: 'too many login attempts',
};

export const ErrBusy: ApiError = {
  name: 'ErrBusy',
  status: STATUS['too-many'],
  ru: 'сервис занят, повторите позже',
  en: 'service is busy, try again later',
};

export const ErrUserBusy: ApiError = {
  name: 'ErrUserBusy',
  status: STATUS.conflict,
  ru: 'логин уже занят',
  en: 'login is already taken',
};

export const AUTH_ERRORS: ErrorRows = {
  'login-unacceptable': ErrBadRequest,
  'password-unacceptable': ErrBadRequest,
  'login-taken': ErrUserBusy,
  'wrong-credentials': ErrUserOrPasswordBad,
  'not-authenticated': ErrUnauthenticated,
  'user-missing': ErrUnauthenticated,
  'too-many-attempts': ErrLoginAttempts,
  'too-many-requests': ErrCountRequest,
  'hashing-overloaded': ErrBusy,
  // Operators' commands alone meet it.
  'unknown-user': ErrNotFound,
};
