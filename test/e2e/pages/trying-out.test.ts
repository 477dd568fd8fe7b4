import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { startSimulator } from '../../../src/simulator/index.js';
import { eventually, processed } from '../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send, text } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

interface Schema {
  readonly $ref?: string;
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Operation {
  readonly security?: readonly object[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Somebody who has loaded `/docs` and executes its calls as they are filled in. */
class Reader {
  private constructor(
    private readonly url: string,
    readonly document: Document,
  ) {}

  static async load(url: string): Promise<Reader> {
    // What the page is made from; the document stands in it as `"swaggerDoc": {…}`.
    const { text: script } = await send(url, 'GET /docs/swagger-ui-init.js');
    const [, options = ''] = /let options = (\{[^]*\});\n {2}url =/.exec(script) ?? [];
    return new Reader(url, (JSON.parse(options) as { swaggerDoc: Document }).swaggerDoc);
  }

  cookie = '';

  example(call: string, type = 'application/json'): string {
    const [method = '', path = ''] = call.split(' ');
    const operation = this.document.paths[path]?.[method.toLowerCase()];
    const value = this.#exampleOf(operation?.requestBody?.content[type]?.schema ?? {});
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  async execute(call: string, type = 'application/json'): Promise<RawReply> {
    const body = call.startsWith('GET') ? undefined : this.example(call, type);
    const request = body === undefined ? {} : type === 'text/plain' ? text(body) : json(body);
    const headers = { ...request.headers, cookie: this.cookie };
    const reply = await send(this.url, call, { ...request, headers });
    this.cookie = reply.headers['set-cookie']?.[0]?.split(';')[0] ?? this.cookie;
    return reply;
  }

  #exampleOf({ $ref, example, properties }: Schema): unknown {
    if ($ref !== undefined)
      return this.#exampleOf(this.document.components.schemas[$ref.split('/').pop() ?? ''] ?? {});
    if (!properties) return example;
    return Object.fromEntries(
      Object.entries(properties).map(([name, each]) => [name, this.#exampleOf(each)]),
    );
  }
}

const UPLOAD = 'POST /api/user/orders';
const WITHDRAW = 'POST /api/user/balance/withdraw';

describe('the calls of /docs, as they are filled in', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
    service.accrual.fallback = ({ url = '' }, response) => {
      const { status, body } = processed(url.replace('/api/orders/', ''), 100);
      response.writeHead(status).end(body);
    };
  });

  afterAll(() => service.stop());

  it('work for everybody who loads the page, one after another and a second time', async () => {
    for (let person = 0; person < 3; person++) {
      const reader = await Reader.load(service.url);
      const statuses = async (call: string, type?: string): Promise<number[]> => [
        (await reader.execute(call, type)).status,
        (await reader.execute(call, type)).status,
      ];
      // There is one account of a login: the second time says so.
      expect(await statuses('POST /api/user/register')).toEqual([200, 409]);
      expect(await statuses('POST /api/user/login')).toEqual([200, 200]);
      expect(await statuses('GET /api/user/orders')).toEqual([204, 204]);
      expect(await statuses(UPLOAD, 'text/plain')).toEqual([202, 200]);
      expect(await statuses(UPLOAD)).toEqual([200, 200]);
      await eventually('the order earns points', async () =>
        (await reader.execute('GET /api/user/balance')).text.includes('"current":100'),
      );
      expect(await statuses(WITHDRAW)).toEqual([200, 200]);
      for (const call of ['orders', 'balance', 'withdrawals'])
        expect(await statuses(`GET /api/user/${call}`)).toEqual([200, 200]);
    }
  });

  it('have examples of their own in each document, and passwords of 8 characters', async () => {
    const [one, two] = [await Reader.load(service.url), await Reader.load(service.url)];
    for (const call of ['POST /api/user/register', UPLOAD, WITHDRAW])
      expect(one.example(call)).not.toBe(two.example(call));
    const { password } = JSON.parse(one.example('POST /api/user/register')) as { password: string };
    expect(password.length).toBeGreaterThanOrEqual(8);
    for (const path of ['/docs-json', '/docs-yaml']) {
      const [first, second] = [
        await send(service.url, `GET ${path}`),
        await send(service.url, `GET ${path}`),
      ];
      expect(first.text).not.toBe(second.text);
    }
  });
});

describe('GET /sandbox/order', () => {
  it('gives a number that earns points while the bundled simulator runs', async () => {
    const issued = [freshNumber(), freshNumber()];
    const service = await startTestService({
      sandbox: { issueOrderNumber: () => issued.shift() ?? '' },
    });
    try {
      const [first] = issued;
      const reply = await send(service.url, 'GET /sandbox/order');
      expect([reply.status, reply.headers['content-type'], reply.text]).toEqual([
        200,
        'text/plain; charset=utf-8',
        first,
      ]);
      expect(reply.headers['cache-control']).toBe('no-store');
      const second = await send(service.url, 'GET /sandbox/order');
      expect(OrderNumber.parse(second.text).value).not.toBe(first);
      const { document } = await Reader.load(service.url);
      expect(document.paths['/sandbox/order']?.['get']).not.toHaveProperty('security');
    } finally {
      await service.stop();
    }
  });

  it('is unknown, to the document too, where the service uses another accrual system', async () => {
    const service = await startTestService();
    try {
      expect((await send(service.url, 'GET /sandbox/order')).status).toBe(404);
      expect((await Reader.load(service.url)).document.paths).not.toHaveProperty('/sandbox/order');
    } finally {
      await service.stop();
    }
  });
});

describe('a simulator that runs alone', () => {
  it('awards points for the numbers that it gives out', async () => {
    const simulator = await startSimulator({ host: '127.0.0.1', port: 0, calculationMs: 30 });
    const settings = { cashback: { accrualAddress: simulator.url } };
    const service = await startTestService({ settings });
    try {
      const customer = await service.customer();
      const number = await (await fetch(`${simulator.url}/api/order`)).text();
      expect((await customer.upload(number)).status).toBe(202);
      await eventually('points arrive', async () => (await customer.balance()).current >= 100);
    } finally {
      await service.stop();
      await simulator.close();
    }
  });
});
