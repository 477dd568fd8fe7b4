import {
  BadRequestException,
  createParamDecorator,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import {
  buildMessage,
  getMetadataStorage,
  ValidateBy,
  validateSync,
  type ValidationOptions,
} from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { isLosslessNumber } from 'lossless-json';
import { configureRoute } from '../route.js';

export const JSON_TYPE = 'application/json';

/**
 * Binds a handler's parameter to the JSON body, as a checked instance of `dto`.
 *
 * Properties that `dto` does not declare are ignored, so a client may send more than this version
 * knows.
 */
export function JsonBody<T extends object>(dto: Type<T>): ParameterDecorator {
  return ParsedBody([JSON_TYPE], ({ body }) => checkedInstance(dto, body));
}

/** Binds a handler's parameter to what `read` makes of a request whose body was parsed. */
export function ParsedBody(
  consumes: readonly string[],
  read: (request: FastifyRequest) => unknown,
): ParameterDecorator {
  const bind = createParamDecorator((_: unknown, context: ExecutionContext) =>
    read(context.switchToHttp().getRequest<FastifyRequest>()),
  )();
  return (target, method, index) => {
    if (method === undefined) throw new Error('a constructor has no body');
    configureRoute(target, method, { consumes });
    bind(target, method, index);
  };
}

/** @throws BadRequestException naming what is wrong. */
export function checkedInstance<T extends object>(dto: Type<T>, value: unknown): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequestException('a JSON object is expected');
  const instance = new dto();
  for (const name of propertiesOf(dto))
    if (Object.hasOwn(value, name)) instance[name as keyof T] = value[name as keyof object];
  const violations = validateSync(instance, { stopAtFirstError: true });
  if (violations.length > 0) {
    throw new BadRequestException(
      violations.flatMap(({ constraints }) => Object.values(constraints ?? {})).join('; '),
    );
  }
  return instance;
}

const PROPERTIES = new Map<Type, ReadonlySet<string>>();

/**
 * The properties that `dto` declares by its validators. Any other may shadow what a library relies
 * on: `{"hasOwnProperty": null}`.
 */
function propertiesOf(dto: Type): ReadonlySet<string> {
  let properties = PROPERTIES.get(dto);
  if (!properties) {
    const validators = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    PROPERTIES.set(dto, (properties = new Set(validators.map(({ propertyName }) => propertyName))));
  }
  return properties;
}

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
