import { Controller, Get, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCookieAuth,
  ApiOperation,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentUser, ErrUnauthenticated } from '../../auth/index.js';
import type { Caller } from '../../kernel/application/caller.js';
import { IdGenerator } from '../../kernel/application/ports.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import {
  ErrBadRequest,
  ErrBodyTooLarge,
  ErrCountRequest,
  ErrImpossibleSum,
  ErrWrongOrderFormat,
} from '../../platform/http/api-error.js';
import { ApiErrors } from '../../platform/http/openapi.js';
import { JsonBody } from '../../platform/http/json/json-body.js';
import { sendJson } from '../../platform/http/json/send-json.js';
import { RequestCaller } from '../../platform/http/route.js';
import { AccountQueries } from '../application/ports.js';
import { WithdrawalCommits } from '../application/withdraw-points.js';
import {
  BALANCE_SCHEMA,
  ErrLowBalance,
  ErrOrderAlreadyPaid,
  WITHDRAWAL_LIST_SCHEMA,
  WithdrawalDto,
} from './account.api.js';

@ApiTags('account')
@ApiBearerAuth()
@ApiCookieAuth()
@Controller('api/user')
export class AccountController {
  constructor(
    private readonly withdrawals: WithdrawalCommits,
    private readonly queries: AccountQueries,
    private readonly ids: IdGenerator,
  ) {}

  @Get('balance')
  @ApiOperation({ summary: 'Points to spend and points spent' })
  @ApiResponse({
    status: 200,
    description: 'the balance',
    content: { 'application/json': { schema: BALANCE_SCHEMA } },
  })
  @ApiErrors(ErrUnauthenticated, ErrCountRequest)
  async balance(@CurrentUser() userId: string, @Res() reply: FastifyReply): Promise<void> {
    await sendJson(reply, await this.queries.balance(userId));
  }

  @Post('balance/withdraw')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Spend points on a new order',
    description:
      'The order number is the idempotency key: ' +
      'the same number and sum again gives 200 and charges once.',
  })
  @ApiBody({ type: WithdrawalDto })
  @ApiResponse({
    status: 200,
    description: 'the points are spent on this order, now or by the same request before',
  })
  @ApiErrors(
    ErrBadRequest,
    ErrUnauthenticated,
    ErrLowBalance,
    ErrOrderAlreadyPaid,
    ErrBodyTooLarge,
    ErrWrongOrderFormat,
    ErrImpossibleSum,
    ErrCountRequest,
  )
  async withdraw(
    @CurrentUser() userId: string,
    @JsonBody(WithdrawalDto) { order, sum }: WithdrawalDto,
    @RequestCaller() caller: Caller,
  ): Promise<void> {
    const orderNumber = OrderNumber.parse(order);
    await this.withdrawals.submit({
      id: this.ids.next(),
      userId,
      caller,
      orderNumber,
      sum: Money.exact(sum.value),
    });
  }

  @Get('withdrawals')
  @ApiOperation({ summary: 'The user’s withdrawals, newest first' })
  @ApiResponse({
    status: 200,
    description: 'the withdrawals',
    content: { 'application/json': { schema: WITHDRAWAL_LIST_SCHEMA } },
  })
  @ApiResponse({ status: 204, description: 'the user has withdrawn nothing' })
  @ApiErrors(ErrUnauthenticated, ErrCountRequest)
  async list(@CurrentUser() userId: string, @Res() reply: FastifyReply): Promise<void> {
    await sendJson(reply, await this.queries.withdrawals(userId));
  }
}
