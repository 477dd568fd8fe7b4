import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { json, type RawReply, send, sendBytes, text } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('an error that no use case raised', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService();
    customer = await service.customer();
  });

  afterAll(() => service.stop());

  const ask = (call: string, language?: string): Promise<RawReply> =>
    send(service.url, call, {
      headers: {
        authorization: customer.authorization,
        ...(language && { 'accept-language': language }),
      },
    });

  it.each([
    'GET /nothing',
    'POST /api/user',
    'GET /api/user/orders/',
    'GET /api/user/orders/12345678903',
    'GET /API/USER/ORDERS',
    'GET //api/user/orders',
    'GET *api/user/orders',
    'DELETE /api/user/nobody',
    'OPTIONS /nothing',
    'GET /api/user/orders%2F',
    'GET /nothing?next=/api/user/orders',
    'GET /docs/nothing',
    'HEAD /docs/nothing',
    'GET /docs/LICENSE',
    'GET /docs/../../etc/passwd',
    'GET /docs/%2e%2e/package.json',
    'GET /docs-json/',
    'GET http://127.0.0.1/nothing',
    'GET /api/user/orders%252F',
  ])('is 404 for %s', async (call) => {
    if (call.startsWith('HEAD ')) return expect((await ask(call)).status).toBe(404);
    expectRefusal(await ask(call), REFUSALS.notFound);
    expectRefusal(await ask(call, 'en'), REFUSALS.notFound, 'en');
  });

  it.each([
    ['GET /api/user/register', ['POST']],
    ['OPTIONS /api/user/orders', ['GET', 'POST']],
    ['PROPFIND /api/user/orders', ['GET', 'POST']],
    ['GET /api/user/login', ['POST']],
    ['PUT /api/user/register', ['POST']],
    ['DELETE /api/user/orders', ['GET', 'POST']],
    ['PATCH /api/user/orders', ['GET', 'POST']],
    ['PUT /api/user/orders?page=2', ['GET', 'POST']],
    ['PUT http://127.0.0.1/api/user/orders', ['GET', 'POST']],
    ['POST /api/user/balance', ['GET']],
    ['GET /api/user/balance/withdraw', ['POST']],
    ['POST /api/user/withdrawals', ['GET']],
    ['POST /health/live', ['GET']],
    ['DELETE /metrics', ['GET']],
    ['POST /docs', ['GET']],
    ['PUT /docs/', ['GET']],
    ['POST /docs-json', ['GET']],
    ['OPTIONS /docs/swagger-ui.css', ['GET']],
    ['DELETE /docs/index.html', ['GET']],
    ['POST /api/user/%62alance', ['GET']],
    ['PUT https://127.0.0.1:1/api/user/%62alance?x=%zz', ['GET']],
  ])('is 405 for %s, with what is allowed', async (call, methods) => {
    const reply = await ask(call);
    expectRefusal(reply, REFUSALS.methodNotAllowed);
    expect(reply.headers.allow?.split(', ').filter((method) => method !== 'HEAD')).toEqual(methods);
    expectRefusal(await ask(call, 'en'), REFUSALS.methodNotAllowed, 'en');
  });

  it.each(['GET /api/user/%zz', 'GET /api/user/orders%', 'GET /%c3%28'])(
    'is 400 for the bad address of %s',
    async (call) => {
      const refused = await ask(call);
      expectRefusal(refused, REFUSALS.badRequest);
      expect(refused.headers['cache-control']).toBe('no-store');
      expectRefusal(await ask(call, 'en'), REFUSALS.badRequest, 'en');
    },
  );

  it.each(['/docs', '/docs/', '/docs/index.html', '/docs/swagger-ui.css', '/docs-json'])(
    'does not meet who reads %s',
    async (path) => {
      expect((await ask(`GET ${path}`)).status).toBe(200);
      const head = await ask(`HEAD ${path}`);
      expect([head.status, head.text]).toEqual([200, '']);
    },
  );

  it.each(['%62alance', 'balance?x=%zz'])('does not meet who asks for %s', async (path) => {
    expect((await ask(`GET /api/user/${path}`)).status).toBe(200);
    expect((await ask(`GET http://x/api/user/${path}`)).status).toBe(200);
  });

  it('is 413 for a body too large, announced or not', async () => {
    for (const language of ['ru', 'en'] as const) {
      const large = text('1'.repeat(70_000), {
        authorization: customer.authorization,
        'accept-language': language,
      });
      expectRefusal(
        await send(service.url, 'POST /api/user/orders', large),
        REFUSALS.bodyTooLarge,
        language,
      );
      expectRefusal(
        await send(service.url, 'POST /api/user/orders', { ...large, chunked: true }),
        REFUSALS.bodyTooLarge,
        language,
      );
    }
    expectRefusal(
      await send(service.url, 'POST /api/user/login', json(' '.repeat(70_000))),
      REFUSALS.bodyTooLarge,
    );
  });

  it.each([
    ['a request line that is none', 'nonsense\r\n\r\n'],
    ['a method that does not exist', 'FOO /api/user/orders HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header without a colon', 'GET /api/user/orders HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n'],
    ['no Host', 'GET /api/user/orders HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', 'GET /health/live HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n'],
    ['a Host twice', 'GET /docs HTTP/1.1\r\nHost: x\r\nhost: x\r\nConnection: close\r\n\r\n'],
    ['two Hosts of HTTP/1.0', 'GET /metrics HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['a Host that is none', 'GET /health/live HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n'],
    ['two Hosts in one', 'GET /health/live HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n'],
    ['space before a colon', 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection : close\r\n\r\n'],
    [
      'a length and chunks',
      'POST /api/user/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a length in words',
      'POST /api/user/login HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n',
    ],
    [
      'a negative length',
      'POST /api/user/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    ],
    [
      'two lengths',
      'POST /api/user/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    ],
    [
      'headers without an end',
      `GET /api/user/orders HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    ['TLS where there is none', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('is 400 for %s', async (_, bytes) => {
    expectRefusal(await sendBytes(service.url, bytes), REFUSALS.badRequest);
  });

  it.each(['x', 'x:80', 'x:', '', '127.0.0.1:8080', '[::1]:8080', 'xn--e1afmkfd.example', 'a_b'])(
    'does not meet the Host %j',
    async (host) => {
      const head = `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      expect((await sendBytes(service.url, head)).status).toBe(200);
    },
  );

  it.each([
    ['POST /nothing', REFUSALS.notFound],
    ['POST /api/user/balance', REFUSALS.methodNotAllowed],
  ])('is the same for %s, whatever is wrong with its body', async (call, refusal) => {
    for (const request of [
      json('{'),
      json('1'.repeat(70_000)),
      json('{}', { 'content-encoding': 'gzip' }),
      { headers: { 'content-type': ';;;' }, body: '{}' },
    ]) {
      expectRefusal(await send(service.url, call, request), refusal);
    }
  });

  it.each([
    ['broken', '{', '{'.length],
    ['too large', ' '.repeat(70_000), 70_000],
    ['too large, before it has come', '', 70_000],
  ])('keeps the connection when a body is %s', async (_, body, length) => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    const head = `POST /api/user/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: ${length}\r\n\r\n${body}`);
    const [refusal] = (await once(socket, 'data')) as [Buffer];
    expect(refusal.toString()).toMatch(/^HTTP\/1\.1 4(00|13) (?!.*Connection: close)/s);
    const rest = ' '.repeat(length - body.length);
    socket.write(`${rest}GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const [next] = (await once(socket, 'data')) as [Buffer];
    expect(next.toString()).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('is 400 for chunks that are none, once somebody has signed in', async () => {
    const head =
      'POST /api/user/orders HTTP/1.1\r\nHost: x\r\n' +
      `Authorization: ${customer.authorization}\r\n`;
    const body = 'Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n';
    expectRefusal(await sendBytes(service.url, head + body), REFUSALS.badRequest);
  });

  it('never becomes part of a reply that is on its way', async () => {
    const { hostname, port } = new URL(service.url);
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () =>
      socket.write('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    // 1.5 MB: most of it is still to be sent when its first bytes are here.
    socket.once('data', () => socket.write('nonsense\r\n\r\n'));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    await once(socket, 'close');
    const [head = '', body = ''] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n', 2);
    expect(head).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(body.length).toBeGreaterThan(0);
    // Where all of it was sent before the nonsense was read, what follows is the next reply.
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
    expect(length).toBeGreaterThan(0);
    expect(body.slice(0, length).includes('HTTP/1.1 400')).toBe(false);
  });

  it('comes behind the answers to what was asked before', async () => {
    const upload =
      `POST /api/user/orders HTTP/1.1\r\nHost: x\r\nAuthorization: ${customer.authorization}\r\n` +
      'Content-Type: text/plain\r\nContent-Length: 11\r\n\r\n12345678903';
    const unknown = 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n';
    const asked = `${unknown}${upload}${upload}\x01\r\n\r\n\x02`;
    const { status, text: rest } = await sendBytes(service.url, asked);
    const others = [...rest.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, other]) => Number(other));
    expect([status, ...others]).toEqual([404, 202, 200, 400]);
  });

  it('leaves the service to others', async () => {
    expect((await ask('GET /api/user/balance')).status).toBe(200);
  });
});
