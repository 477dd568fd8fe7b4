import { Controller, Get, HttpStatus, Param, Post, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../../auth/http/index.js';
import { ErrUnauthenticated } from '../../auth/index.js';
import { IdGenerator } from '../../kernel/application/ports.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Trace } from '../../kernel/domain/trace.js';
import {
  ErrBadRequest,
  ErrBodyTooLarge,
  ErrCountRequest,
  ErrNotFound,
  ErrWrongOrderFormat,
} from '../../platform/http/api-error.js';
import { ApiBodyContent, ApiErrors, ApiGroup, ApiToken } from '../../platform/http/openapi.js';
import { checkedInstance, JSON_TYPE, ParsedBody } from '../../platform/http/json/json-body.js';
import { sendJson } from '../../platform/http/json/send-json.js';
import { ApiPages } from '../../platform/http/lists/list.api.js';
import { ListRequests, sendList } from '../../platform/http/lists/list-requests.js';
import { RequestTrace } from '../../platform/http/client/request-ids.js';
import { OrderQueries } from '../application/ports.js';
import { UploadCommits } from '../application/upload-orders.js';
import {
  NUMBER,
  ORDER_DETAIL_SCHEMA,
  ORDER_LIST,
  ORDER_LIST_SCHEMA,
  UPLOAD_BODY,
} from './orders.api.js';
import { ErrOrderAlreadyLoaded } from './orders.errors.js';

class UploadDto {
  @IsString({ message: 'number must be a string of digits' })
  readonly number!: string;
}

/** Binds a handler's parameter to the uploaded order number: plain text, or JSON `{"number"}`. */
function UploadedNumber(): ParameterDecorator {
  return ParsedBody(['text/plain', JSON_TYPE], ({ mediaType, body }) =>
    // Not by the type of the body: JSON may be a string too.
    OrderNumber.parse(
      mediaType === JSON_TYPE ? checkedInstance(UploadDto, body).number : (body as string),
    ),
  );
}

@ApiToken()
@Controller('api/user/orders')
export class OrdersController {
  constructor(
    private readonly uploads: UploadCommits,
    private readonly queries: OrderQueries,
    private readonly lists: ListRequests,
    private readonly ids: IdGenerator,
  ) {}

  @Post()
  @ApiGroup('upload')
  @ApiOperation({
    operationId: 'uploadOrder',
    summary: 'Upload the number of a paid order',
    description: 'Points arrive once the accrual system has calculated them.',
  })
  @ApiBodyContent(UPLOAD_BODY)
  @ApiResponse({ status: 202, description: 'a new number: accepted for calculation' })
  @ApiResponse({ status: 200, description: 'this user had uploaded the number already' })
  @ApiErrors(
    ErrBadRequest,
    ErrUnauthenticated,
    ErrOrderAlreadyLoaded,
    ErrBodyTooLarge,
    ErrWrongOrderFormat,
    ErrCountRequest,
  )
  async upload(
    @CurrentUser() userId: string,
    @UploadedNumber() number: OrderNumber,
    @RequestTrace() trace: Trace | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const result = await this.uploads.submit({ id: this.ids.next(), userId, number, trace });
    void reply.status(result === 'accepted' ? HttpStatus.ACCEPTED : HttpStatus.OK);
  }

  @Get()
  @ApiGroup('watch')
  @ApiOperation({ operationId: 'listOrders', summary: 'The user’s orders, newest first' })
  @ApiPages(ORDER_LIST, {
    lines: 'the orders',
    none: 'there are none, or no more',
    content: { 'application/json': { schema: ORDER_LIST_SCHEMA } },
  })
  @ApiErrors(ErrBadRequest, ErrUnauthenticated, ErrCountRequest)
  async list(
    @CurrentUser() userId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const asked = this.lists.read(request, userId, ORDER_LIST);
    await sendList(reply, asked, await this.queries.list(userId, asked.query));
  }

  @Get(':number')
  @ApiGroup('watch')
  @ApiOperation({ operationId: 'getOrder', summary: 'One of the user’s orders, with its history' })
  @ApiParam({ name: 'number', schema: NUMBER })
  @ApiResponse({
    status: 200,
    description: 'the order',
    content: { 'application/json': { schema: ORDER_DETAIL_SCHEMA } },
  })
  @ApiErrors(ErrUnauthenticated, ErrNotFound, ErrCountRequest)
  async detail(
    @CurrentUser() userId: string,
    @Param('number') number: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendJson(reply, await this.queries.detail(userId, number));
  }
}
