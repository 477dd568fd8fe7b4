import { SIGNED_IN_CALLS } from '../../support/http/client.js';
import type { RawReply } from '../../support/http/raw-http.js';
import type { ApiDocument, DocumentedReply } from './api-document.js';
import type { HostileRequest } from './requests/request.js';

/** What a route that is not in the document may answer. */
const GENERAL = [400, 401, 404, 405, 413, 414, 429, 431];

/** Statuses of somebody who has read the whole body and understood it. */
const READ = [200, 202, 402, 409, 422];

const SIGN_IN = /^POST \/api\/user\/(register|login|password)$/;

/** The general form of an error, where no operation documents it. */
const GENERAL_ERROR = {
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['code', 'message', 'error', 'detail'],
        additionalProperties: false,
        properties: {
          code: { type: 'integer' },
          message: { type: 'string', minLength: 1, maxLength: 200 },
          error: { type: 'string', pattern: '^Err[A-Z]' },
          detail: { type: 'string', minLength: 1, maxLength: 500 },
        },
      },
    },
  },
};

/** Compares replies with the document, and with what is promised of all of them. */
export class Judge {
  constructor(
    private readonly document: ApiDocument,
    private readonly leaks: Leaks,
  ) {}

  /** Every broken promise. */
  *complaints(request: HostileRequest, reply: RawReply): Generator<string> {
    const { operation, method, target } = request;
    const { status, headers, text } = reply;
    const isHead = method === 'HEAD';
    const isDocs = /^\/(?:docs(?:$|[-/?#])|[?#]|$)/.test(target) && status < 400;
    const general = GENERAL.includes(status) ? GENERAL_ERROR : undefined;
    const documented: DocumentedReply | undefined = operation
      ? operation.replies[status]
      : isDocs
        ? {}
        : general;
    if (status >= 500) yield `a ${status}`;
    if (request.oversized && READ.includes(status)) yield `a ${status} to a body beyond the limit`;
    if (!documented) yield `the status ${status}, which is not documented`;
    // Pages and scripts of the documentation, and the page that leads there, are not documented.
    else if (!isHead && !(isDocs && !operation)) {
      const problem = this.document.problem(documented, headers['content-type'], text);
      if (problem !== undefined) yield `${status} with ${problem}`;
    }
    if (status >= 400 && !isHead) yield* aboutError(reply, documented);
    if (status === 204 || isHead) yield* aboutNothing(reply);
    if (status === 405 && headers.allow === undefined) yield 'a 405 without Allow';
    if (status === 429 && !(Number(headers['retry-after']) >= 1)) yield 'a 429 without Retry-After';
    if (operation && headers['cache-control'] !== 'no-store') yield 'a reply that may be stored';
    if (operation && READ.includes(status) && isByForeignCookie(request))
      yield `a ${status} for a page of another site, by its cookie`;
    const signsIn = status === 200 && SIGN_IN.test(operation?.name ?? '');
    // It takes the cookie back.
    const signsOut = status === 204 && operation?.name === 'POST /api/user/logout';
    for (const [name, isDue] of [
      ['authorization', signsIn],
      ['set-cookie', signsIn || signsOut],
    ] as const)
      if ((headers[name] !== undefined) !== isDue)
        yield `${isDue ? 'no' : 'a'} header ${name} in a ${status}`;
    for (const name of ['x-powered-by', 'server'])
      if (headers[name] !== undefined) yield `a header ${name}`;
    if (isDocs) return;
    const shown = `${Object.values(headers).flat().join('\n')}\n${text}`;
    const leak = this.leaks.find(shown, printSent(request), signsIn);
    if (leak !== undefined) yield `leaks ${leak}`;
  }
}

/** Whether a browser would send it for another site's page, and only its cookie says who asks. */
function isByForeignCookie({ headers, operation }: HostileRequest): boolean {
  const valuesOf = (wanted: string): string[] =>
    headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const [origin, ...origins] = valuesOf('origin');
  const [site, ...sites] = valuesOf('sec-fetch-site');
  const isSignedIn = (SIGNED_IN_CALLS as readonly string[]).includes(operation?.name ?? '');
  if (!isSignedIn || valuesOf('authorization').length > 0) return false;
  // What is joined of several, nobody has said.
  if (origins.length + sites.length > 0) return false;
  if (origin === 'null') return true;
  if (site === 'same-origin' || site === 'none') return false;
  return origin !== undefined || site !== undefined;
}

/** `{"code", "message", …}`, the code that of the status, the message one of the contract's. */
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
  const examples = Object.values(documented?.content?.['application/json']?.examples ?? {});
  // In the language that is sent where none is asked for, and in English.
  const messages = examples.flatMap(({ summary, value }) => [value.message, summary]);
  if (messages.length > 0 && !messages.includes(String(error.message)))
    yield `a ${status} with a message of its own`;
}

function* aboutNothing({ status, headers, text }: RawReply): Generator<string> {
  if (text !== '') yield `a body in a ${status}`;
  for (const name of ['content-type', 'content-length'])
    if (status === 204 && headers[name] !== undefined) yield `a 204 with ${name}`;
}

/** What an echo may repeat. */
function printSent({ method, target, headers, plain = '' }: HostileRequest): string {
  let decoded = target;
  try {
    decoded = decodeURIComponent(target);
  } catch {
    // Then it is not decoded by the service either.
  }
  return [method, target, decoded, ...headers.flat(), plain].join('\n');
}

/** What no reply may show: how the service is built, where it stands, what it keeps. */
const SIGNS: Readonly<Record<string, RegExp>> = {
  'a stack trace': /\bat (?:async )?[\w.<>$ [\]]+ \(|\n\s+at /,
  'a file of ours': /node_modules|node:internal|file:\/\/\/|\/dist\/|\/src\/|\.[cm]?[jt]s:\d+/,
  'a kind of error':
    /\b(?:Type|Reference|Range|Syntax|QueryFailed|Assertion|Driver|Http|Fastify|Nest)\w*(?:Error|Exception)\b/,
  'a mistake of JavaScript':
    /is not a function|Cannot (?:read|set|destructure) propert|undefined is not|is not iterable|\[object Object\]/,
  SQL: /\b(?:select|insert into|update|delete from)\b[^"]{0,80}\b(?:from|values|set|where|returning)\b|gophermart\.\w|\$\d+::/i,
  'a message of PostgreSQL':
    /violates \w+ constraint|duplicate key value|invalid input syntax|relation "|column "|syntax error at|ECONN|pg_\w+/,
  'a library':
    /\b(?:typeorm|fastify|nestjs|passport|lossless-json|class-validator|undici|axios|undefined method)\b/i,
  'a password hash': /\$argon2/,
  'a connection string': /postgres(?:ql)?:\/\//,
};

/** A JSON Web Token: header.payload.signature. */
const TOKENS = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;

/** Finds in replies what should have stayed inside. */
export class Leaks {
  /** @param secrets by what they are; no reply may have them. */
  constructor(private readonly secrets: Readonly<Record<string, string>>) {}

  /**
   * What a reply gives away, in words; undefined: nothing.
   *
   * @param shown its body and header values. @param sent all that the client had sent: what is only
   * echoed is no news to it. @param mayHaveToken whether the reply is to carry a token.
   */
  find(shown: string, sent: string, mayHaveToken: boolean): string | undefined {
    for (const [what, secret] of Object.entries(this.secrets))
      if (shown.includes(secret) && !sent.includes(secret)) return what;
    const tokens = shown.match(TOKENS) ?? [];
    if (!mayHaveToken && tokens.some((token) => !sent.includes(token))) return 'a token';
    // One run in ten has a signature with "pg_" in it.
    const words = shown.replaceAll(TOKENS, 'token');
    for (const [what, sign] of Object.entries(SIGNS)) {
      const [found] = sign.exec(words) ?? [];
      if (found !== undefined && !sent.includes(found)) return `${what} (${found.slice(0, 80)})`;
    }
    return undefined;
  }
}
