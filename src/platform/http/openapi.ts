import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiResponse, type OpenAPIObject } from '@nestjs/swagger';
import { type ApiError, ErrInternal, ErrUnavailable } from './api-error.js';

/** The body of these errors of one status (`error-filter.ts`). A 5xx has no detail. */
function errorSchema(status: number, names: readonly string[]): object {
  const properties = {
    code: { type: 'integer', enum: [status] },
    message: { type: 'string' },
    error: { type: 'string', enum: names },
    ...(status < 500 && {
      detail: { type: 'string', minLength: 1, description: 'what is wrong, in English' },
    }),
  };
  const required = Object.keys(properties);
  return { type: 'object', required, additionalProperties: false, properties };
}

function errorExample({ name, status, en, exampleDetail = en }: ApiError, message: string): object {
  const detail = status < 500 ? exampleDetail : undefined;
  return { value: { code: status, message, error: name, detail } };
}

const RETRY_AFTER = {
  'Retry-After': { description: 'seconds to wait', schema: { type: 'integer', minimum: 1 } },
} as const;

/**
 * Documents the errors of a call, with their messages as examples. ErrInternal and ErrUnavailable
 * can happen to every call and need not be named.
 */
export function ApiErrors(...errors: readonly ApiError[]): MethodDecorator {
  const all = [...errors, ErrInternal, ErrUnavailable];
  const statuses = new Set(all.map(({ status }) => status));
  return applyDecorators(
    ...[...statuses].map((status) =>
      ApiErrorsOfStatus(
        status,
        all.filter((each) => each.status === status),
      ),
    ),
  );
}

function ApiErrorsOfStatus(status: number, errors: readonly ApiError[]): MethodDecorator {
  return ApiResponse({
    status,
    description: errors.map(({ en }) => en).join(', or '),
    ...((status === 429 || status === 503) && { headers: RETRY_AFTER }),
    content: {
      'application/json': {
        schema: errorSchema(
          status,
          errors.map(({ name }) => name),
        ),
        examples: Object.fromEntries(
          errors.flatMap((error) => [
            [error.name, errorExample(error, error.ru)],
            [`${error.name}, Accept-Language: en`, errorExample(error, error.en)],
          ]),
        ),
      },
    },
  });
}

const EXTENSION = 'x-body-content';

interface Operation {
  requestBody?: unknown;
  [EXTENSION]?: unknown;
}

/**
 * Documents a body whose schema differs by media type, which `@ApiBody` cannot: one schema a type,
 * as OpenAPI's `content`.
 */
export function ApiBodyContent(
  content: Readonly<Record<string, { readonly schema: object }>>,
): MethodDecorator {
  return ApiExtension(EXTENSION, content);
}

/** Puts what {@link ApiBodyContent} noted where OpenAPI wants it. */
export function withBodyContents(document: OpenAPIObject): OpenAPIObject {
  for (const operation of Object.values(document.paths).flatMap(
    (path) => Object.values(path) as Operation[],
  )) {
    const content = operation[EXTENSION];
    if (content !== undefined) operation.requestBody = { required: true, content };
    operation[EXTENSION] = undefined;
  }
  return document;
}

type Keywords = Readonly<Record<string, unknown>>;

type ValueSchema<T> = Keywords &
  ([T] extends [string]
    ? { readonly type: 'string'; readonly enum?: readonly T[] }
    : [T] extends [number]
      ? { readonly type: 'number' }
      : never);

class Optional<T> {
  constructor(readonly schema: ValueSchema<T>) {}
}

type PropertySchema<T> = undefined extends T ? Optional<NonNullable<T>> : ValueSchema<T>;

type ObjectProperties<T> = { readonly [Key in keyof T]-?: PropertySchema<T[Key]> };

/** Of a property that may be absent. */
export function optional<T>(schema: ValueSchema<T>): Optional<T> {
  return new Optional(schema);
}

/**
 * The OpenAPI schema of the objects of type `T`. It does not compile when it has other properties
 * than the type, or properties of another kind.
 */
export function objectSchema<T extends object>(properties: ObjectProperties<T>) {
  const all = Object.entries<Keywords | Optional<unknown>>(properties);
  return {
    type: 'object',
    required: all.filter(([, schema]) => !(schema instanceof Optional)).map(([name]) => name),
    additionalProperties: false,
    properties: Object.fromEntries(
      all.map(([name, schema]) => [name, schema instanceof Optional ? schema.schema : schema]),
    ),
  };
}
