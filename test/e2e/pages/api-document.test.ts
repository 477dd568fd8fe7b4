import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { SESSION_CALLS, SIGNED_IN_CALLS, STREAM_CALL } from '../../support/http/client.js';
import { send } from '../../support/http/raw-http.js';
import { REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

interface ShownError {
  readonly code: number;
  readonly message: string;
  readonly error: string;
  readonly detail?: string;
}

interface Media {
  readonly schema?: Node;
  readonly examples?: Record<string, { summary?: string; value: ShownError }>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly object[];
  readonly security?: Record<string, unknown>[];
  readonly requestBody?: { content: Record<string, Media> };
  readonly responses: Record<
    string,
    { description: string; headers?: object; content?: Record<string, Media> }
  >;
}

interface Document {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    securitySchemes: Record<string, Record<string, string>>;
    schemas: Record<string, Node>;
  };
}

type Node = Record<string, unknown>;

/** The statuses of the contract's table; 500 and 503 can happen to every call, 429 too. */
const STATUSES: Readonly<Record<string, readonly number[]>> = {
  'POST /api/user/register': [200, 400, 409, 413],
  'POST /api/user/login': [200, 400, 401, 413],
  'POST /api/user/logout': [204, 401],
  'POST /api/user/password': [200, 400, 401, 413],
  'POST /api/user/orders': [200, 202, 400, 401, 409, 413, 422],
  'GET /api/user/orders': [200, 204, 400, 401],
  'GET /api/user/orders/{number}': [200, 401, 404],
  'GET /api/user/balance': [200, 400, 401],
  'GET /api/user/balance/history': [200, 204, 400, 401],
  'POST /api/user/balance/withdraw': [200, 400, 401, 402, 409, 413, 422],
  'GET /api/user/withdrawals': [200, 204, 400, 401],
  'GET /api/user/events': [200, 400, 401],
};

const AROUND = ['GET /health/live', 'GET /health/ready', 'GET /metrics'] as const;

const INTERNAL = {
  name: 'ErrInternal',
  code: 500,
  ru: 'внутренняя ошибка сервера',
  en: 'internal server error',
};

describe('the API document', () => {
  let service: TestService;
  let document: Document;

  beforeAll(async () => {
    service = await startTestService();
    document = JSON.parse((await send(service.url, 'GET /docs-json')).text) as Document;
  });

  afterAll(() => service.stop());

  const operation = (call: string): Operation => {
    const [method = '', path = ''] = call.split(' ');
    const found = document.paths[path]?.[method.toLowerCase()];
    if (!found) throw new Error(`${call} is not documented`);
    return found;
  };
  const nodes = (root: unknown = document): Node[] =>
    typeof root === 'object' && root !== null
      ? [root as Node, ...Object.values(root).flatMap((each) => nodes(each))]
      : [];

  it('is OpenAPI 3.1, whole in itself', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({
      title: 'Gophermart',
      version: expect.stringMatching(/./),
    });
    for (const { $ref } of nodes().filter((node) => typeof node['$ref'] === 'string')) {
      const steps = ($ref as string).split('/');
      expect(steps.shift()).toBe('#');
      expect(steps.reduce<unknown>((node, step) => (node as Node)[step], document)).toBeDefined();
    }
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it.each(Object.keys(STATUSES))('knows the headers of %s', (call) => {
    const { responses, parameters = [] } = operation(call);
    for (const name of ['AcceptLanguage', 'Traceparent'])
      expect(parameters).toContainEqual({ $ref: `#/components/parameters/${name}` });
    for (const [status, { headers = {}, content }] of Object.entries(responses)) {
      const cases = Object.keys(content?.['application/json']?.examples ?? {});
      const expected = [
        'X-Request-Id',
        ...(Number(status) >= 400 ? ['Content-Language'] : []),
        ...(['429', '503'].includes(status) ? ['Retry-After'] : []),
        ...(cases.includes('ErrUnauthenticated') ? ['WWW-Authenticate'] : []),
      ];
      expect([status, Object.keys(headers)]).toEqual([status, expect.arrayContaining(expected)]);
    }
  });

  it('knows the calls of the contract, and those around it', () => {
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(calls.sort()).toEqual([...Object.keys(STATUSES), ...AROUND].sort());
  });

  it.each(Object.keys(STATUSES))('describes every status of %s', (call) => {
    const { responses, summary } = operation(call);
    expect(summary).not.toBe('');
    expect(Object.keys(responses).map(Number)).toEqual(
      [...(STATUSES[call] ?? []), 429, 500, 503].sort((a, b) => a - b),
    );
    for (const [status, response] of Object.entries(responses)) {
      expect([status, response.description]).toEqual([status, expect.stringMatching(/\S/)]);
    }
  });

  it.each(Object.keys(STATUSES))('shows the true errors of %s', (call) => {
    const known = new Map<string, string>(
      [...Object.values(REFUSALS), INTERNAL].flatMap(({ name, code, ru, en }) => [
        [ru, `${code} ${name}`],
        [en, `${code} ${name}`],
      ]),
    );
    for (const [status, { content }] of Object.entries(operation(call).responses).filter(
      ([each]) => Number(each) >= 400,
    )) {
      const { schema, examples = {} } = content?.['application/json'] ?? {};
      const cases = { code: { enum: [Number(status)] }, error: { enum: Object.keys(examples) } };
      expect(schema).toMatchObject({
        allOf: [{ $ref: '#/components/schemas/ApiError' }, { properties: cases }],
      });
      const detail = Number(status) < 500 ? ['detail'] : [];
      expect(Object.keys(examples).length).toBeGreaterThanOrEqual(1);
      for (const [name, { summary = '', value }] of Object.entries(examples)) {
        expect(Object.keys(value)).toEqual(['code', 'message', 'error', ...detail]);
        const error = `${status} ${name}`;
        expect([value.error, known.get(value.message), known.get(summary)]).toEqual([
          name,
          error,
          error,
        ]);
      }
    }
  });

  it('names calls by verbs, and schemas by what they are', () => {
    const calls = [...Object.keys(STATUSES), ...AROUND];
    const named = calls.map((call) => operation(call).operationId);
    expect(named.join(' ')).toBe(
      'register logIn logOut changePassword uploadOrder listOrders getOrder getBalance ' +
        'listLedgerEntries withdrawPoints listWithdrawals streamEvents ' +
        'checkLiveness checkReadiness getMetrics',
    );
    expect(Object.keys(document.components.schemas).join(' ')).toBe(
      'ApiError Balance BalanceChange Credentials EventData LedgerEntry Order OrderDetail ' +
        'PasswordChange Withdrawal WithdrawalRequest',
    );
  });

  it('gives the events of a stream a type', () => {
    const { responses } = operation(STREAM_CALL);
    const { schema } = responses['200']?.content?.['text/event-stream'] ?? {};
    expect(schema).toEqual({ $ref: '#/components/schemas/EventData' });
    const { oneOf } = document.components.schemas['EventData'] as { oneOf: Node[] };
    expect(oneOf.map(({ $ref, maxProperties }) => $ref ?? maxProperties)).toEqual([
      '#/components/schemas/Order',
      '#/components/schemas/BalanceChange',
      0,
    ]);
  });

  it('documents when the service is not ready', () => {
    expect(Object.keys(operation('GET /health/ready').responses)).toEqual(
      expect.arrayContaining(['200', '503']),
    );
    for (const call of ['GET /health/live', 'GET /health/ready']) {
      expect(operation(call).responses['200']?.content).toHaveProperty([
        'application/json',
        'schema',
      ]);
    }
  });

  it('asks for a token, as a bearer before a cookie, where the service does', () => {
    const { securitySchemes } = document.components;
    const named = Object.entries(securitySchemes);
    const [bearer] =
      named.find(([, { type, scheme }]) => type === 'http' && scheme === 'bearer') ?? [];
    const [cookie] =
      named.find(
        ([, each]) =>
          each['type'] === 'apiKey' && each['in'] === 'cookie' && each['name'] === 'token',
      ) ?? [];
    const closed: readonly string[] = [...SIGNED_IN_CALLS, ...SESSION_CALLS, STREAM_CALL];
    for (const call of Object.keys(STATUSES)) {
      const accepted = operation(call).security?.flatMap((each) => Object.keys(each));
      const needed = closed.includes(call);
      expect([call, accepted]).toEqual([call, needed ? [bearer, cookie] : []]);
    }
  });

  it('gives examples that can be sent as they stand', () => {
    const upload = operation('POST /api/user/orders').requestBody?.content ?? {};
    expect(Object.keys(upload).sort()).toEqual(['application/json', 'text/plain']);
    const numbers = [
      upload['text/plain']?.schema?.['example'],
      ...nodes().flatMap(({ properties }) => {
        const { number, order } = (properties ?? {}) as Record<
          string,
          { example?: unknown } | undefined
        >;
        return [number, order].flatMap((each) => (each ? [each.example] : []));
      }),
    ];
    expect(numbers).not.toContain(undefined);
    expect(numbers.length).toBeGreaterThanOrEqual(5);
    for (const number of numbers) expect(OrderNumber.parse(number as string).value).toBe(number);
  });
});
