import type { RawReply } from '../../support/http/raw-http.js';
import type { ApiDocument, DocumentedReply, Operation } from './document/api-document.js';
import { ReplyValidator } from './document/reply-validator.js';
import type { Leaks } from './leaks.js';
import type { HostileRequest } from './requests/hostile-request.js';

/**
 * What a route that the document does not know may answer: bad address, no token, unknown, wrong
 * method, too large, too fast.
 */
const GENERAL = [400, 401, 404, 405, 413, 414, 429, 431];

/** Statuses of somebody who has read the whole body and understood it. */
const READ = [200, 202, 402, 409, 422];

/** Where signing in leaves a token. */
const TOKEN_HEADERS = ['authorization', 'set-cookie'] as const;

const SIGN_IN = /^POST \/api\/user\/(register|login)$/;

/** The general form of an error, where no operation documents it. */
const GENERAL_ERROR: DocumentedReply = {
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['code', 'message'],
        additionalProperties: false,
        properties: {
          code: { type: 'integer' },
          message: { type: 'string', minLength: 1, maxLength: 200 },
        },
      } as object,
    },
  },
};

/** Holds replies against the document, and against what is promised of all of them. */
export class Judge {
  readonly #validator: ReplyValidator;

  constructor(
    document: ApiDocument,
    private readonly leaks: Leaks,
  ) {
    this.#validator = new ReplyValidator(document);
  }

  /** Every broken promise. */
  *complaints(request: HostileRequest, reply: RawReply): Generator<string> {
    const { operation, method } = request;
    const { status, headers } = reply;
    if (status >= 500) yield `a ${status}`;
    if (request.oversized && READ.includes(status)) yield `a ${status} to a body beyond the limit`;
    const documented = this.#documented(operation, request.target, status);
    if (!documented) yield `the status ${status}, which is not documented`;
    else if (method !== 'HEAD') yield* this.#aboutBody(documented, reply);
    if (status >= 400 && method !== 'HEAD') yield* aboutError(reply, documented);
    if (status === 204 || method === 'HEAD') yield* aboutNothing(reply);
    if (status === 405 && headers.allow === undefined) yield 'a 405 without Allow';
    if (status === 429 && !(Number(headers['retry-after']) >= 1)) yield 'a 429 without Retry-After';
    yield* this.#aboutSecrets(request, reply);
  }

  #documented(
    operation: Operation | undefined,
    target: string,
    status: number,
  ): DocumentedReply | undefined {
    if (operation) return operation.replies[status];
    if (isDocs(target) && status < 400) return {};
    return GENERAL.includes(status) ? GENERAL_ERROR : undefined;
  }

  *#aboutBody(documented: DocumentedReply, { status, headers, text }: RawReply): Generator<string> {
    // Pages and scripts of the documentation are not documented themselves.
    if (status < 400 && Object.keys(documented).length === 0) return;
    const problem = this.#validator.problem(documented, headers['content-type'], text);
    if (problem !== undefined) yield `${status} with ${problem}`;
  }

  *#aboutSecrets(request: HostileRequest, { status, headers, text }: RawReply): Generator<string> {
    const signedIn = status === 200 && SIGN_IN.test(request.operation?.name ?? '');
    for (const name of TOKEN_HEADERS) {
      if ((headers[name] !== undefined) !== signedIn)
        yield `${signedIn ? 'no' : 'a'} header ${name} in a ${status}`;
    }
    for (const name of ['x-powered-by', 'server'])
      if (headers[name] !== undefined) yield `a header ${name}`;
    if (isDocs(request.target) && status < 400) return;
    const shown = `${Object.values(headers).flat().join('\n')}\n${text}`;
    const found = this.leaks.find({
      text: shown,
      sent: printSent(request),
      mayHaveToken: signedIn,
    });
    if (found !== undefined) yield `leaks ${found}`;
  }
}

/**
 * `{"code", "message"}` and nothing else, the code that of the status, the message one of the
 * contract's.
 */
function* aboutError(
  { status, headers, text }: RawReply,
  documented: DocumentedReply | undefined,
): Generator<string> {
  if (headers['content-type'] !== 'application/json; charset=utf-8')
    yield `an error as ${headers['content-type']}`;
  let error: { code?: unknown; message?: unknown };
  try {
    error = JSON.parse(text) as typeof error;
  } catch {
    yield 'an error that is no JSON';
    return;
  }
  if (error.code !== status) yield `the code ${String(error.code)} in a ${status}`;
  const examples = Object.values(documented?.content?.['application/json']?.examples ?? {}).map(
    ({ value }) => value.message,
  );
  if (examples.length > 0 && !examples.includes(String(error.message)))
    yield `a ${status} with a message of its own`;
}

function* aboutNothing({ status, headers, text }: RawReply): Generator<string> {
  if (text !== '') yield `a body in a ${status}`;
  if (status === 204 && headers['content-type'] !== undefined) yield 'a 204 with a Content-Type';
  if (status === 204 && headers['content-length'] !== undefined)
    yield 'a 204 with a Content-Length';
}

function isDocs(target: string): boolean {
  return /^\/docs(?:$|[-/?#])/.test(target);
}

/** What an echo may repeat. */
function printSent({ method, target, headers, plain = '' }: HostileRequest): string {
  return [method, target, decoded(target), ...headers.flat(), plain].join('\n');
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
