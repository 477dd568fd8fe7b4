import {
  type ApiError,
  ErrNotFound,
  type ErrorRows,
  STATUS,
} from '../../platform/http/api-error.js';

export const ErrOrderAlreadyLoaded: ApiError = {
  name: 'ErrOrderAlreadyLoaded',
  status: STATUS.conflict,
  ru: 'номер заказа уже был загружен другим пользователем',
  en: 'order number has already been uploaded by another user',
};

export const ORDERS_ERRORS: ErrorRows = {
  'order-of-another-user': ErrOrderAlreadyLoaded,
  'order-not-found': ErrNotFound,
};
