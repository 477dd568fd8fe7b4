import { objectSchema } from '../../platform/http/openapi.js';
import type { Balance, WithdrawalLine } from '../application/ports.js';

const POINTS = { type: 'number', minimum: 0, multipleOf: 0.01 } as const;

export const BALANCE_SCHEMA = objectSchema<Balance>({
  current: { ...POINTS, description: 'points to spend', example: 500.5 },
  withdrawn: { ...POINTS, description: 'points spent so far', example: 42 },
});

export const WITHDRAWAL_LIST_SCHEMA = {
  type: 'array',
  minItems: 1,
  items: objectSchema<WithdrawalLine>({
    order: { type: 'string', pattern: '^[0-9]{1,1000}$', example: '2377225624' },
    sum: { ...POINTS, example: 500 },
    processed_at: { type: 'string', format: 'date-time', example: '2026-11-21T12:31:02.456Z' },
  }),
};
