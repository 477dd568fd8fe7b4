import {
  BadRequestException,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  mixin,
  type PipeTransform,
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
import { HttpSettings } from './http.settings.js';
import { mediaType, readTextBody } from './request-body.js';
import { AmbiguousJson, parseStrictJson } from './strict-json.js';

const Request = createParamDecorator((_: unknown, context: ExecutionContext) =>
  context.switchToHttp().getRequest<FastifyRequest>(),
);

/**
 * Binds a handler's parameter to the JSON body, as a checked instance of `dto`.
 *
 * Properties that `dto` does not declare are ignored, so a client may send more than this version
 * knows.
 */
export function JsonBody<T extends object>(dto: Type<T>): ParameterDecorator {
  return Request(jsonBodyPipe(dto));
}

/** Reads the body as UTF-8 JSON and checks it. @throws BadRequestException naming what is wrong. */
export async function readJsonBody<T extends object>(
  request: FastifyRequest,
  dto: Type<T>,
  limit: number,
): Promise<T> {
  if (mediaType(request) !== 'application/json')
    throw new BadRequestException('Content-Type must be application/json');
  return checkedInstance(dto, await readTextBody(request, limit));
}

function jsonBodyPipe<T extends object>(
  dto: Type<T>,
): Type<PipeTransform<FastifyRequest, Promise<T>>> {
  @Injectable()
  class JsonBodyPipe implements PipeTransform<FastifyRequest, Promise<T>> {
    constructor(@Inject(HttpSettings) private readonly settings: HttpSettings) {}

    transform(request: FastifyRequest): Promise<T> {
      return readJsonBody(request, dto, this.settings.bodyLimit);
    }
  }
  return mixin(JsonBodyPipe);
}

function checkedInstance<T extends object>(dto: Type<T>, text: string): T {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    if (error instanceof AmbiguousJson) throw new BadRequestException(error.message);
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequestException('a JSON object is expected');
  const instance = Object.assign(new dto(), declaredPart(dto, value));
  const violations = validateSync(instance, { stopAtFirstError: true });
  if (violations.length > 0) {
    throw new BadRequestException(
      violations.flatMap(({ constraints }) => Object.values(constraints ?? {})).join('; '),
    );
  }
  return instance;
}

/**
 * The properties that `dto` declares by its validators. Any other may shadow what a library relies
 * on: `{"hasOwnProperty": null}`.
 */
function declaredPart<T extends object>(dto: Type<T>, value: object): Partial<T> {
  const declared = propertiesOf(dto);
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => declared.has(name)),
  ) as Partial<T>;
}

const PROPERTIES = new Map<Type, ReadonlySet<string>>();

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
