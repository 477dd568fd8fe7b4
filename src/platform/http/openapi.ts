import { applyDecorators } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCookieAuth,
  ApiExtension,
  ApiResponse,
  ApiTags,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { type ApiError, ErrInternal, ErrUnavailable } from './api-error.js';

/** The groups of calls, in the order in which a customer comes to them. */
export const GROUPS = {
  register: 'open an account, or sign in',
  upload: 'the numbers of orders that were paid in the shop',
  watch: 'what becomes of orders and points',
  spend: 'points on new orders',
  sessions: 'end them, and change the password',
  operations: 'for whoever runs the service',
} as const;

/** Says which group a call belongs to. */
export function ApiGroup(group: keyof typeof GROUPS): ClassDecorator & MethodDecorator {
  return ApiTags(group);
}

/** Schemas that have names of their own in the document. */
const NAMED: Record<string, object> = {};

/** Gives a schema a name in the document, and refers to it. */
export function namedSchema(name: string, schema: object): { readonly $ref: string } {
  NAMED[name] = schema;
  return { $ref: `#/components/schemas/${name}` };
}

/** The body of every error (`error-filter.ts`). */
const API_ERROR = namedSchema('ApiError', {
  type: 'object',
  required: ['code', 'message', 'error'],
  additionalProperties: false,
  properties: {
    code: { type: 'integer', description: 'the status' },
    message: { type: 'string', description: 'for people, in the language that they accept' },
    error: { type: 'string', description: 'for programs: the name of the error' },
    detail: {
      type: 'string',
      minLength: 1,
      description: 'for developers: what is wrong, in English; a 5xx has none',
    },
  },
});

/** What the errors of one status can be: generated clients tell them apart by it. */
function casesSchema(status: number, errors: readonly ApiError[]): object {
  return {
    type: 'object',
    properties: {
      code: { type: 'integer', enum: [status] },
      error: { type: 'string', enum: errors.map(({ name }) => name) },
    },
  };
}

/** What the case of an error looks like, in the language that is sent where none is asked for. */
function errorExample({ name, status, ru, en, exampleDetail = en }: ApiError): object {
  const detail = status < 500 ? exampleDetail : undefined;
  return { summary: en, value: { code: status, message: ru, error: name, detail } };
}

const HEADERS = {
  RequestId: {
    description: 'the request’s own `X-Request-Id` where it is fit to be logged, or a new one',
    schema: { type: 'string' },
  },
  RetryAfter: { description: 'seconds to wait', schema: { type: 'integer', minimum: 1 } },
  WwwAuthenticate: { description: '`Bearer`: a token is wanted', schema: { type: 'string' } },
  ContentLanguage: {
    description: 'the language of `message`',
    schema: { type: 'string', enum: ['ru', 'en'] },
  },
};

function header(name: keyof typeof HEADERS): { readonly $ref: string } {
  return { $ref: `#/components/headers/${name}` };
}

/** Of what every reply has besides. */
const ALWAYS = { 'X-Request-Id': header('RequestId') };

const PARAMETERS = {
  AcceptLanguage: {
    name: 'Accept-Language',
    in: 'header',
    description: 'the language of errors: `en` is English, all else Russian',
    schema: { type: 'string' },
  },
  Traceparent: {
    name: 'traceparent',
    in: 'header',
    description:
      'W3C Trace Context: stands in the log and on the events of an upload or a withdrawal, and ' +
      'goes on to the accrual system; ignored where it is malformed',
    schema: { type: 'string' },
  },
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
  const wantsToken = errors.some(({ headers }) => headers?.['www-authenticate'] !== undefined);
  return ApiResponse({
    status,
    description: errors.map(({ en }) => en).join(', or '),
    headers: {
      'Content-Language': header('ContentLanguage'),
      ...((status === 429 || status === 503) && { 'Retry-After': header('RetryAfter') }),
      ...(wantsToken && { 'WWW-Authenticate': header('WwwAuthenticate') }),
    },
    content: {
      'application/json': {
        schema: { allOf: [API_ERROR, casesSchema(status, errors)] },
        examples: Object.fromEntries(errors.map((error) => [error.name, errorExample(error)])),
      },
    },
  });
}

/**
 * Documents that a call wants a token. The header stands first: generated clients take the first
 * way, and in a browser no script may set a cookie's header.
 */
export function ApiToken(): ClassDecorator & MethodDecorator {
  return applyDecorators(ApiBearerAuth(), ApiCookieAuth());
}

const EXTENSION = 'x-body-content';

interface Operation {
  requestBody?: unknown;
  parameters?: object[];
  security?: object[];
  responses: Record<string, { headers?: object }>;
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

/** Puts what is noted here where OpenAPI wants it, and what all calls have in common to each. */
export function withNotes(document: OpenAPIObject): OpenAPIObject {
  const { components, paths } = document;
  const schemas = Object.entries({ ...components?.schemas, ...NAMED });
  // By name, and not in the order in which modules were loaded: that changes with an import.
  schemas.sort(([one], [other]) => (one < other ? -1 : 1));
  document.components = {
    ...components,
    schemas: Object.fromEntries(schemas),
    headers: { ...HEADERS },
    parameters: { ...PARAMETERS },
  };
  for (const operation of Object.values(paths).flatMap(
    (path) => Object.values(path) as Operation[],
  )) {
    const content = operation[EXTENSION];
    if (content !== undefined) operation.requestBody = { required: true, content };
    operation[EXTENSION] = undefined;
    // Said in so many words: what is left out could have been forgotten.
    operation.security ??= [];
    if ('500' in operation.responses)
      (operation.parameters ??= []).push(
        { $ref: '#/components/parameters/AcceptLanguage' },
        { $ref: '#/components/parameters/Traceparent' },
      );
    for (const response of Object.values(operation.responses))
      response.headers = { ...response.headers, ...ALWAYS };
  }
  return document;
}

type Keywords = Readonly<Record<string, unknown>>;

type ValueSchema<T> = Keywords &
  ([T] extends [string]
    ? { readonly type: 'string'; readonly enum?: readonly T[] }
    : [T] extends [number]
      ? { readonly type: 'number' }
      : [T] extends [readonly object[]]
        ? { readonly type: 'array'; readonly items: object }
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
