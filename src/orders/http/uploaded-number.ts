import {
  BadRequestException,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type PipeTransform,
} from '@nestjs/common';
import { IsString } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { HttpSettings } from '../../platform/http/http.settings.js';
import { readJsonBody } from '../../platform/http/json-body.js';
import { mediaType, readTextBody } from '../../platform/http/request-body.js';

class UploadDto {
  @IsString({ message: 'number must be a string of digits' })
  readonly number!: string;
}

/** The order number in the body: plain text, or JSON `{"number"}`. */
@Injectable()
export class UploadedNumberPipe implements PipeTransform<FastifyRequest, Promise<OrderNumber>> {
  constructor(private readonly settings: HttpSettings) {}

  async transform(request: FastifyRequest): Promise<OrderNumber> {
    const limit = this.settings.bodyLimit;
    switch (mediaType(request)) {
      case 'text/plain':
        return OrderNumber.parse(await readTextBody(request, limit));
      case 'application/json':
        return OrderNumber.parse((await readJsonBody(request, UploadDto, limit)).number);
      default:
        throw new BadRequestException('Content-Type must be text/plain or application/json');
    }
  }
}

const Request = createParamDecorator((_: unknown, context: ExecutionContext) =>
  context.switchToHttp().getRequest<FastifyRequest>(),
);

/** Binds a handler's parameter to the uploaded order number. */
export const UploadedNumber = (): ParameterDecorator => Request(UploadedNumberPipe);
