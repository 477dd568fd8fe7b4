import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { LosslessNumber } from 'lossless-json';
import { IsJsonNumber } from '../../platform/http/json-body.js';

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
    example: 751,
  })
  @IsJsonNumber()
  readonly sum!: LosslessNumber;
}
