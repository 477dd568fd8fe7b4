import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { SIGNED_IN_CALLS } from '../../support/http/client.js';
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
  readonly examples?: Record<string, { value: ShownError }>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
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
  'POST /api/user/orders': [200, 202, 400, 401, 409, 413, 422],
  'GET /api/user/orders': [200, 204, 401],
  'GET /api/user/balance': [200, 401],
  'POST /api/user/balance/withdraw': [200, 400, 401, 402, 409, 413, 422],
  'GET /api/user/withdrawals': [200, 204, 401],
};

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

  it('is OpenAPI 3, whole in itself', () => {
    expect(document.openapi).toMatch(/^3\.[01]\.\d+$/);
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

  it('knows the calls of the contract, and those around it', () => {
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const around = ['GET /health/live', 'GET /health/ready', 'GET /metrics'];
    expect(calls.sort()).toEqual([...Object.keys(STATUSES), ...around].sort());
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
      const detail = Number(status) < 500 ? ['detail'] : [];
      const required = ['code', 'message', 'error', ...detail];
      expect(schema).toMatchObject({ type: 'object', required, additionalProperties: false });
      const values = Object.values(examples).map(({ value }) => value);
      expect(values.length).toBeGreaterThanOrEqual(2);
      for (const value of values) {
        expect(Object.keys(value)).toEqual(required);
        expect(known.get(value.message)).toBe(`${status} ${value.error}`);
      }
    }
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

  it('asks for a token, as a bearer or in a cookie, where the service does', () => {
    const { securitySchemes } = document.components;
    const named = Object.entries(securitySchemes);
    const [bearer] =
      named.find(([, { type, scheme }]) => type === 'http' && scheme === 'bearer') ?? [];
    const [cookie] =
      named.find(
        ([, each]) =>
          each['type'] === 'apiKey' && each['in'] === 'cookie' && each['name'] === 'token',
      ) ?? [];
    for (const call of Object.keys(STATUSES)) {
      const accepted = operation(call)
        .security?.flatMap((each) => Object.keys(each))
        .sort();
      const needed = (SIGNED_IN_CALLS as readonly string[]).includes(call);
      expect([call, accepted]).toEqual([call, needed ? [bearer, cookie].sort() : undefined]);
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

describe('the docs page', () => {
  it('loads everything it needs from the service itself', async () => {
    const service = await startTestService();
    try {
      const page = await send(service.url, 'GET /docs');
      expect([page.status, page.headers['content-type']]).toEqual([
        200,
        expect.stringMatching(/^text\/html/),
      ]);
      const links = [
        ...page.text.matchAll(/<(?:script|link|img)[^>]*?(?:src|href)=["']([^"']+)["']/g),
      ].map(([, link = '']) => link);
      expect(links.length).toBeGreaterThanOrEqual(4);
      for (const link of links) {
        const { origin, pathname } = new URL(link, `${service.url}/docs`);
        expect(origin).toBe(service.url);
        expect([pathname, (await send(service.url, `GET ${pathname}`)).status]).toEqual([
          pathname,
          200,
        ]);
      }
      const script = await send(service.url, 'GET /docs/swagger-ui-init.js');
      expect(script.text).toContain('/api/user/register');
      expect(page.text + script.text).not.toMatch(/(src|href|url)["']?\s*[=:]\s*["']https?:\/\//i);
    } finally {
      await service.stop();
    }
  });
});
