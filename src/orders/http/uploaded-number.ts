import { IsString } from 'class-validator';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { checkedInstance, JSON_TYPE, ParsedBody } from '../../platform/http/json-body.js';

class UploadDto {
  @IsString({ message: 'number must be a string of digits' })
  readonly number!: string;
}

/** Binds a handler's parameter to the uploaded order number: plain text, or JSON `{"number"}`. */
export function UploadedNumber(): ParameterDecorator {
  return ParsedBody(['text/plain', JSON_TYPE], ({ mediaType, body }) =>
    // Not by the type of the body: JSON may be a string too.
    OrderNumber.parse(
      mediaType === JSON_TYPE ? checkedInstance(UploadDto, body).number : (body as string),
    ),
  );
}
