import { isLosslessNumber } from 'lossless-json';
import { buildMessage, ValidateBy, type ValidationOptions } from 'class-validator';

/** Accepts a JSON number, whose digits are kept as they were sent; `"751"` is a string. */
export function IsJsonNumber(options?: ValidationOptions): PropertyDecorator {
  return ValidateBy(
    {
      name: 'isJsonNumber',
      validator: {
        validate: isLosslessNumber,
        defaultMessage: buildMessage((each) => `${each}$property must be a JSON number`, options),
      },
    },
    options,
  );
}
