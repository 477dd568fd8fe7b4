import { ErrUnauthenticated } from '../../auth/index.js';
import { type ApiError, type ErrorRows, STATUS } from '../../platform/http/api-error.js';

export const ErrLowBalance: ApiError = {
  name: 'ErrLowBalance',
  status: STATUS.insufficient,
  ru: 'недостаточно баллов лояльности для оплаты заказа',
  en: 'not enough loyalty points to pay for the order',
};

export const ErrOrderAlreadyPaid: ApiError = {
  name: 'ErrOrderAlreadyPaid',
  status: STATUS.conflict,
  ru: 'номер заказа уже был оплачен другой суммой или другим пользователем',
  en: 'order number has already been paid with another sum or by another user',
};

export const ErrOrderReversed: ApiError = {
  name: 'ErrOrderReversed',
  status: STATUS.conflict,
  ru: 'оплата этого заказа была отменена',
  en: 'the payment of this order was reversed',
};

export const ACCOUNT_ERRORS: ErrorRows = {
  'insufficient-funds': ErrLowBalance,
  'order-paid-otherwise': ErrOrderAlreadyPaid,
  'order-reversed': ErrOrderReversed,
  'account-blocked': ErrUnauthenticated,
};
