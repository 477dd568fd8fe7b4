import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { LosslessNumber } from 'lossless-json';
import { IsJsonNumber } from '../../platform/http/json/json-body.js';
import { csvLine } from '../../platform/http/lists/csv.js';
import type { PagedList } from '../../platform/http/lists/list-requests.js';
import { namedSchema, objectSchema, optional } from '../../platform/http/openapi.js';
import type { Balance, EntryLine, WithdrawalLine } from '../application/ports.js';
import { ENTRY_KINDS, type EntryKind } from '../domain/account.js';

@ApiSchema({ name: 'WithdrawalRequest' })
export class WithdrawalDto {
  @ApiProperty({
    description: 'the new order: 1 to 1 000 digits, valid by Luhn',
    pattern: '^[0-9]{1,1000}$',
    example: '2377225624',
  })
  @IsString({ message: 'order must be a string of digits' })
  readonly order!: string;

  @ApiProperty({
    type: 'number',
    description: 'points to spend: above zero, at most two decimals',
    minimum: 0.01,
    maximum: 1e13,
    multipleOf: 0.01,
    example: 10.5,
  })
  @IsJsonNumber()
  readonly sum!: LosslessNumber;
}

const POINTS = { type: 'number', minimum: 0, multipleOf: 0.01 } as const;

export const BALANCE_SCHEMA = namedSchema(
  'Balance',
  objectSchema<Balance>({
    current: { ...POINTS, description: 'points to spend', example: 500.5 },
    withdrawn: { ...POINTS, description: 'points spent so far', example: 42 },
  }),
);

const ORDER = { type: 'string', pattern: '^[0-9]{1,1000}$', example: '2377225624' } as const;
const AT = { type: 'string', format: 'date-time', example: '2026-11-21T12:31:02.456Z' } as const;

export const WITHDRAWAL_LIST_SCHEMA = {
  type: 'array',
  minItems: 1,
  items: namedSchema(
    'Withdrawal',
    objectSchema<WithdrawalLine>({
      order: ORDER,
      sum: { ...POINTS, example: 500 },
      processed_at: AT,
      reversed_at: optional({
        ...AT,
        description: 'when the points were given back; absent where they were not',
      }),
    }),
  ),
};

export const WITHDRAWAL_LIST: PagedList<never> = { path: '/api/user/withdrawals' };

const KINDS: Readonly<Record<EntryKind, string>> = {
  ACCRUAL: 'points for an order',
  WITHDRAWAL: 'points spent on an order',
  ADJUSTMENT: 'a correction by the shop',
  REVERSAL: 'points of a withdrawal that came back',
};

export const HISTORY_SCHEMA = {
  type: 'array',
  minItems: 1,
  items: namedSchema(
    'LedgerEntry',
    objectSchema<EntryLine>({
      id: { type: 'string', format: 'uuid', example: '0198c0de-2b20-7111-8a55-0c5f0a7f6b1d' },
      kind: {
        type: 'string',
        enum: ENTRY_KINDS,
        description: Object.entries(KINDS)
          .map(([kind, meaning]) => `${kind}: ${meaning}`)
          .join(' · '),
      },
      order: optional(ORDER),
      amount: {
        type: 'number',
        multipleOf: 0.01,
        description: 'what it has changed the balance by',
        example: -10.5,
      },
      balance_after: { ...POINTS, example: 490 },
      at: AT,
      reason: optional({ type: 'string', description: 'why the shop has made it' }),
    }),
  ),
};

/** The history of an account, and what it takes. */
export const HISTORY: PagedList<EntryKind> = {
  path: '/api/user/balance/history',
  kinds: { parameter: 'kind', values: ENTRY_KINDS },
};

/** The columns of the history as CSV. */
export const HISTORY_COLUMNS: readonly (keyof EntryLine)[] = [
  'id',
  'kind',
  'order',
  'amount',
  'balance_after',
  'at',
  'reason',
];

export const HISTORY_AS_CSV =
  csvLine(HISTORY_COLUMNS) +
  csvLine([
    '0198c0de-2b20-7111-8a55-0c5f0a7f6b1d',
    'WITHDRAWAL',
    '2377225624',
    -10.5,
    490,
    '2026-11-21T12:31:02.456Z',
    undefined,
  ]);
