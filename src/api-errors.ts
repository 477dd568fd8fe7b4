import { ACCOUNT_ERRORS } from './account/index.js';
import { AUTH_ERRORS } from './auth/index.js';
import { LIVE_ERRORS } from './live/index.js';
import { ORDERS_ERRORS } from './orders/index.js';
import { type ErrorRows, KERNEL_ERRORS } from './platform/http/api-error.js';

/** Every error that a client can meet, by its code. */
export const API_ERRORS: ErrorRows = {
  ...KERNEL_ERRORS,
  ...AUTH_ERRORS,
  ...ORDERS_ERRORS,
  ...ACCOUNT_ERRORS,
  ...LIVE_ERRORS,
};
