import { type ApiError, type ErrorRows, STATUS } from '../../platform/http/api-error.js';
import { objectSchema, optional } from '../../platform/http/openapi.js';
import type { OrderLine } from '../application/ports.js';
import type { OrderStatus } from '../domain/order.js';

export const ErrOrderAlreadyLoaded: ApiError = {
  name: 'ErrOrderAlreadyLoaded',
  status: STATUS.conflict,
  ru: 'номер заказа уже был загружен другим пользователем',
  en: 'order number has already been uploaded by another user',
};

export const ORDERS_ERRORS: ErrorRows = {
  'order-of-another-user': ErrOrderAlreadyLoaded,
};

const NUMBER = {
  type: 'string',
  pattern: '^[0-9]{1,1000}$',
  description: '1 to 1 000 digits, valid by Luhn',
  example: '12345678903',
} as const;

/** Both forms an upload may take. */
export const UPLOAD_BODY = {
  'text/plain': { schema: { ...NUMBER, pattern: '^\\s*[0-9]{1,1000}\\s*$' } },
  'application/json': {
    schema: { type: 'object', required: ['number'], properties: { number: NUMBER } },
  },
};

const STATUSES: Readonly<Record<OrderStatus, string>> = {
  NEW: 'not yet taken up',
  PROCESSING: 'being calculated',
  INVALID: 'no points',
  PROCESSED: 'points credited',
};

export const ORDER_LIST_SCHEMA = {
  type: 'array',
  minItems: 1,
  items: objectSchema<OrderLine>({
    number: NUMBER,
    status: {
      type: 'string',
      enum: Object.keys(STATUSES) as OrderStatus[],
      description: Object.entries(STATUSES)
        .map(([status, meaning]) => `${status}: ${meaning}`)
        .join(' · '),
    },
    accrual: optional({
      type: 'number',
      minimum: 0,
      exclusiveMinimum: true,
      multipleOf: 0.01,
      description: 'points; absent where nothing was awarded',
      example: 500,
    }),
    uploaded_at: { type: 'string', format: 'date-time', example: '2026-11-21T12:30:15.123Z' },
  }),
};
