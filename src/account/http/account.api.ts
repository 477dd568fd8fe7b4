import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { LosslessNumber } from 'lossless-json';
import { type ApiError, type ErrorRows, STATUS } from '../../platform/http/api-error.js';
import { IsJsonNumber } from '../../platform/http/json/json-body.js';
import { objectSchema } from '../../platform/http/openapi.js';
import type { Balance, WithdrawalLine } from '../application/ports.js';

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

export const ACCOUNT_ERRORS: ErrorRows = {
  'insufficient-funds': ErrLowBalance,
  'order-paid-otherwise': ErrOrderAlreadyPaid,
};

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
    minimum: 0,
    exclusiveMinimum: true,
    maximum: 1e13,
    multipleOf: 0.01,
    example: 10.5,
  })
  @IsJsonNumber()
  readonly sum!: LosslessNumber;
}

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
