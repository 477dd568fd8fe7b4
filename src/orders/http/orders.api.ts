import type { PagedList } from '../../platform/http/lists/list-requests.js';
import { namedSchema, objectSchema, optional } from '../../platform/http/openapi.js';
import type { OrderDetail, OrderLine } from '../application/ports.js';
import { ORDER_STATUSES, type OrderStatus } from '../domain/order.js';

export const NUMBER = {
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

const STATUS_SCHEMA = {
  type: 'string',
  enum: ORDER_STATUSES,
  description: Object.entries(STATUSES)
    .map(([status, meaning]) => `${status}: ${meaning}`)
    .join(' · '),
} as const;

const UPLOADED_AT = '2026-11-21T12:30:15.123Z';

const ORDER = {
  number: NUMBER,
  status: STATUS_SCHEMA,
  accrual: optional<number>({
    type: 'number',
    minimum: 0.01,
    multipleOf: 0.01,
    description: 'points; absent where nothing was awarded',
    example: 500,
  }),
  uploaded_at: { type: 'string', format: 'date-time', example: UPLOADED_AT },
} as const;

export const ORDER_LIST_SCHEMA = {
  type: 'array',
  minItems: 1,
  items: namedSchema('Order', objectSchema<OrderLine>(ORDER)),
};

export const ORDER_DETAIL_SCHEMA = namedSchema(
  'OrderDetail',
  objectSchema<OrderDetail>({
    ...ORDER,
    history: {
      type: 'array',
      minItems: 1,
      description:
        'its statuses, oldest first; of orders of earlier versions, those whose time is known',
      items: objectSchema<OrderDetail['history'][number]>({
        status: STATUS_SCHEMA,
        at: { type: 'string', format: 'date-time', example: UPLOADED_AT },
      }),
    },
  }),
);

/** The list of orders, and what it takes. */
export const ORDER_LIST: PagedList<OrderStatus> = {
  path: '/api/user/orders',
  kinds: { parameter: 'status', values: ORDER_STATUSES },
};
