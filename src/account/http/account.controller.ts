import { Controller, Get, HttpCode, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../../auth/http/index.js';
import { ErrUnauthenticated } from '../../auth/index.js';
import type { Caller } from '../../kernel/application/caller.js';
import { IdGenerator } from '../../kernel/application/ports.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Trace } from '../../kernel/domain/trace.js';
import {
  ErrBadRequest,
  ErrBodyTooLarge,
  ErrCountRequest,
  ErrImpossibleSum,
  ErrWrongOrderFormat,
} from '../../platform/http/api-error.js';
import { ApiErrors, ApiGroup, ApiToken } from '../../platform/http/openapi.js';
import { JsonBody } from '../../platform/http/json/json-body.js';
import { sendJson } from '../../platform/http/json/send-json.js';
import { prefersCsv, sendCsv } from '../../platform/http/lists/csv.js';
import { ApiPages } from '../../platform/http/lists/list.api.js';
import {
  linkNext,
  ListRequests,
  momentOf,
  sendList,
} from '../../platform/http/lists/list-requests.js';
import { RequestTrace } from '../../platform/http/client/request-ids.js';
import { RequestCaller } from '../../platform/http/route.js';
import { AccountQueries } from '../application/ports.js';
import { WithdrawalCommits } from '../application/withdraw-points.js';
import {
  BALANCE_SCHEMA,
  HISTORY,
  HISTORY_AS_CSV,
  HISTORY_COLUMNS,
  HISTORY_SCHEMA,
  WITHDRAWAL_LIST,
  WITHDRAWAL_LIST_SCHEMA,
  WithdrawalDto,
} from './account.api.js';
import { ErrLowBalance, ErrOrderAlreadyPaid, ErrOrderReversed } from './account.errors.js';

@ApiToken()
@Controller('api/user')
export class AccountController {
  constructor(
    private readonly withdrawals: WithdrawalCommits,
    private readonly queries: AccountQueries,
    private readonly lists: ListRequests,
    private readonly ids: IdGenerator,
  ) {}

  @Get('balance')
  @ApiGroup('watch')
  @ApiOperation({ operationId: 'getBalance', summary: 'Points to spend and points spent' })
  @ApiQuery({
    name: 'at',
    required: false,
    description:
      'as of this moment, which is not in the future, such as `2026-11-21T12:31:02.456Z` ' +
      '(RFC 3339, a `+` is written %2B)',
    schema: { type: 'string', format: 'date-time' },
  })
  @ApiResponse({
    status: 200,
    description: 'the balance',
    content: { 'application/json': { schema: BALANCE_SCHEMA } },
  })
  @ApiErrors(ErrBadRequest, ErrUnauthenticated, ErrCountRequest)
  async balance(
    @CurrentUser() userId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const at = momentOf(request, 'at')?.floorMs;
    await sendJson(reply, await this.queries.balance(userId, at));
  }

  @Get('balance/history')
  @ApiGroup('watch')
  @ApiOperation({
    operationId: 'listLedgerEntries',
    summary: 'All that has changed the user’s points, newest first',
  })
  @ApiPages(HISTORY, {
    lines: 'the entries, as JSON or, by `Accept`, as CSV',
    none: 'there are none, or no more',
    content: {
      'application/json': { schema: HISTORY_SCHEMA },
      'text/csv': { schema: { type: 'string', example: HISTORY_AS_CSV } },
    },
  })
  @ApiErrors(ErrBadRequest, ErrUnauthenticated, ErrCountRequest)
  async history(
    @CurrentUser() userId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asked = this.lists.read(request, userId, HISTORY);
    const list = await this.queries.history(userId, asked.query);
    void reply.header('vary', [reply.getHeader('vary') ?? [], 'Accept'].flat().join(', '));
    if (!prefersCsv(request)) await sendList(reply, asked, list);
    else {
      linkNext(reply, asked, list);
      await sendCsv(reply, list, HISTORY_COLUMNS, 'balance-history.csv');
    }
  }

  @Post('balance/withdraw')
  @ApiGroup('spend')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    operationId: 'withdrawPoints',
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
    ErrOrderReversed,
    ErrBodyTooLarge,
    ErrWrongOrderFormat,
    ErrImpossibleSum,
    ErrCountRequest,
  )
  async withdraw(
    @CurrentUser() userId: string,
    @JsonBody(WithdrawalDto) { order, sum }: WithdrawalDto,
    @RequestCaller() caller: Caller,
    @RequestTrace() trace: Trace | undefined,
  ): Promise<void> {
    const orderNumber = OrderNumber.parse(order);
    await this.withdrawals.submit({
      id: this.ids.next(),
      userId,
      caller,
      orderNumber,
      sum: Money.exact(sum.value),
      trace,
    });
  }

  @Get('withdrawals')
  @ApiGroup('spend')
  @ApiOperation({ operationId: 'listWithdrawals', summary: 'The user’s withdrawals, newest first' })
  @ApiPages(WITHDRAWAL_LIST, {
    lines: 'the withdrawals',
    none: 'there are none, or no more',
    content: { 'application/json': { schema: WITHDRAWAL_LIST_SCHEMA } },
  })
  @ApiErrors(ErrBadRequest, ErrUnauthenticated, ErrCountRequest)
  async list(
    @CurrentUser() userId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asked = this.lists.read(request, userId, WITHDRAWAL_LIST);
    await sendList(reply, asked, await this.queries.withdrawals(userId, asked.query));
  }
}
