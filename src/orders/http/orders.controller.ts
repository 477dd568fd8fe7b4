import { Controller, Get, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { CurrentUser, ErrUnauthenticated } from '../../auth/index.js';
import { IdGenerator } from '../../kernel/application/ports.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import {
  ErrBadRequest,
  ErrBodyTooLarge,
  ErrCountRequest,
  ErrWrongOrderFormat,
} from '../../platform/http/api-error.js';
import { ApiBodyContent, ApiErrors } from '../../platform/http/openapi.js';
import { checkedInstance, JSON_TYPE, ParsedBody } from '../../platform/http/json/json-body.js';
import { sendJson } from '../../platform/http/json/send-json.js';
import { OrderQueries } from '../application/ports.js';
import { UploadCommits } from '../application/upload-orders.js';
import { ErrOrderAlreadyLoaded, ORDER_LIST_SCHEMA, UPLOAD_BODY } from './orders.api.js';

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

@ApiTags('orders')
@ApiBearerAuth()
@ApiCookieAuth()
@Controller('api/user/orders')
export class OrdersController {
  constructor(
    private readonly uploads: UploadCommits,
    private readonly queries: OrderQueries,
    private readonly ids: IdGenerator,
  ) {}

  @Post()
  @ApiOperation({
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
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const result = await this.uploads.submit({ id: this.ids.next(), userId, number });
    void reply.status(result === 'accepted' ? HttpStatus.ACCEPTED : HttpStatus.OK);
  }

  @Get()
  @ApiOperation({ summary: 'The user’s orders, newest first' })
  @ApiResponse({
    status: 200,
    description: 'the orders',
    content: { 'application/json': { schema: ORDER_LIST_SCHEMA } },
  })
  @ApiResponse({ status: 204, description: 'the user has uploaded no order' })
  @ApiErrors(ErrUnauthenticated, ErrCountRequest)
  async list(@CurrentUser() userId: string, @Res() reply: FastifyReply): Promise<void> {
    await sendJson(reply, await this.queries.list(userId));
  }
}
