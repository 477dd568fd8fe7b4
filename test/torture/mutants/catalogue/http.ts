import type { Mutant } from '../mutant.js';

export const HTTP_MUTANTS: readonly Mutant[] = [
  {
    name: '200 for an empty list',
    why: 'the contract’s 204 is a 200 without a body, which no JSON parser reads',
    edits: [
      {
        file: 'src/platform/http/send-json.ts',
        find: 'reply.status(HttpStatus.NO_CONTENT)',
        replace: 'reply.status(HttpStatus.OK)',
      },
    ],
    killer: {
      file: 'test/e2e/points/lists.test.ts',
      test: 'a list of no orders is 204 with neither body nor content type',
    },
  },
  {
    name: '400 before 401',
    why: 'a body is judged before anybody has asked who sends it',
    edits: [
      {
        file: 'src/auth/http/authentication.ts',
        find: 'route.onRequest = [route.onRequest ?? []].flat().concat(hook);',
        replace: 'route.preHandler = hook;',
      },
    ],
    killer: {
      file: 'test/e2e/http/precedence.test.ts',
      test: 'which error comes first of POST /api/user/orders is 401 over a content type that is none',
    },
  },
  {
    name: '"751" is a number',
    why: 'a sum in quotes, a 400 by the contract, is charged',
    edits: [
      {
        file: 'src/platform/http/json-body.ts',
        find: 'validate: isLosslessNumber,',
        replace: `validate: (value: unknown) => isLosslessNumber(value) || typeof value === 'string',`,
      },
    ],
    killer: {
      file: 'test/e2e/points/sums.test.ts',
      test: 'a sum that is no JSON number, "\\"751\\"", is 400',
    },
  },
  {
    name: 'the last of two keys wins',
    why: '{"sum":1,"sum":1000}: what a proxy checked is not what is charged',
    edits: [
      {
        file: 'src/platform/http/strict-json.ts',
        find: 'checkKeys(value) !== keysInText(text)',
        replace: 'checkKeys(value) > keysInText(text)',
      },
    ],
    killer: {
      file: 'src/platform/http/strict-json.spec.ts',
      test: 'parseStrictJson refuses {"sum":1,"sum":1}, which two readers could read differently',
    },
  },
  {
    name: 'internals in the reply',
    why: 'the text of a failed statement, values and all, goes to the client',
    edits: [
      {
        file: 'src/platform/http/error-filter.ts',
        find: '...(status < 500 && { detail: (error as Error).message })',
        replace: '...(status <= 500 && { detail: `${error as Error}` })',
      },
    ],
    killer: {
      file: 'src/platform/http/error-filter.spec.ts',
      test: 'ErrorFilter keeps the detail of SELECT secret to the log',
    },
  },
  {
    name: 'an absent database is our mistake',
    why: 'clients see 500 and give up, where 503 with Retry-After tells them to come back',
    edits: [
      {
        file: 'src/platform/http/error-filter.ts',
        find: 'error instanceof DatabaseUnavailable || error instanceof Overloaded',
        replace:
          '(error instanceof DatabaseUnavailable && !error.message) || error instanceof Overloaded',
      },
    ],
    killer: {
      file: 'test/integration/postgres/lost-commits.test.ts',
      test: 'a connection that is cut at COMMIT answers 503, not 500, while the database is away, and works when it is back',
    },
  },
];
