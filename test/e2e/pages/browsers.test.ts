import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SIGNED_IN_CALLS } from '../../support/http/client.js';
import type { Customer } from '../../support/http/customer.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const SHOP = 'https://shop.example';
const EXPOSED = 'Authorization, Link, Retry-After, X-Request-Id';

describe('a browser', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService({
      settings: { http: { corsOrigins: [SHOP, 'http://localhost:3000'] } },
    });
    customer = await service.customer();
  });

  afterAll(() => service.stop());

  const ask = (call: string, headers: Record<string, string> = {}): Promise<RawReply> =>
    send(service.url, call, { headers });
  const preflight = (path: string, origin: string): Promise<RawReply> =>
    ask(`OPTIONS ${path}`, {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    });

  it('keeps nothing that carries a balance, a list or a token, nor an error of it', async () => {
    const { authorization, login } = customer;
    const credentials = (name: string): string => JSON.stringify({ login: name, password: 'x' });
    for (const reply of [
      await ask('GET /api/user/balance', { authorization }),
      await ask('GET /api/user/orders', { authorization }),
      await ask('GET /api/user/withdrawals', { authorization }),
      await ask('GET /api/user/balance'),
      await ask('GET /api/user/nothing'),
      await ask('DELETE /api/user/login'),
      await send(service.url, 'POST /api/user/register', json(credentials(randomUUID()))),
      await send(service.url, 'POST /api/user/register', json(credentials(login))),
      await send(service.url, 'POST /api/user/login', json(credentials(login))),
      await send(service.url, 'POST /api/user/login', json('{')),
    ])
      expect([reply.status, reply.headers['cache-control']]).toEqual([reply.status, 'no-store']);
    const { headers } = await ask('GET /docs/swagger-ui-bundle.js');
    expect(headers['cache-control']).not.toBe('no-store');
  });

  it.each(['/', '/docs', '/docs/', '/docs/index.html'])(
    'shows %s in no frame, and has it load nothing from elsewhere',
    async (path) => {
      const { status, headers } = await ask(`GET ${path}`);
      expect([status, headers['content-type']]).toEqual([
        200,
        expect.stringMatching(/^text\/html/),
      ]);
      const policy = String(headers['content-security-policy']).split(';');
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          "frame-ancestors 'none'",
        ]),
      );
      expect(headers).not.toHaveProperty('strict-transport-security');
    },
  );

  it('is told nothing about pages by replies that are none', async () => {
    for (const path of ['/api/user/balance', '/health/live', '/metrics', '/nothing'])
      expect((await ask(`GET ${path}`)).headers).not.toHaveProperty('content-security-policy');
  });

  it('forgets the token of the documents with their tab', async () => {
    const { text } = await ask('GET /docs/explorer.mjs');
    expect(text).toContain('persistAuthorization: false');
  });

  it.each(SIGNED_IN_CALLS)('on a page of a listed origin may send %s', async (call) => {
    const [, path = ''] = call.split(' ');
    const { status, headers } = await preflight(path, SHOP);
    expect([status, headers['access-control-allow-origin']]).toEqual([204, SHOP]);
    expect(headers['access-control-allow-methods']).toMatch(/GET.*POST/);
    expect(headers['access-control-allow-headers']).toBe('authorization,content-type');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
    const reply = await ask(call, { origin: SHOP });
    expectRefusal(reply, REFUSALS.unauthenticated);
    expect(reply.headers).toMatchObject({
      'access-control-allow-origin': SHOP,
      'access-control-expose-headers': EXPOSED,
      vary: expect.stringMatching(/Origin.*Accept-Language/),
    });
  });

  it('may read a success, and a 404', async () => {
    const { authorization } = customer;
    for (const path of ['balance', 'nothing']) {
      const { headers } = await ask(`GET /api/user/${path}`, { authorization, origin: SHOP });
      expect(headers['access-control-allow-origin']).toBe(SHOP);
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it.each(['https://evil.example', 'http://shop.example', `${SHOP}.evil.example`, 'null', '*'])(
    'on a page of %s may not',
    async (origin) => {
      const { headers } = await ask('GET /api/user/balance', { origin });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
      expect(
        await preflight('/api/user/orders', origin).then((each) => each.headers),
      ).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it.each([
    ['OPTIONS /api/user/orders', REFUSALS.methodNotAllowed],
    ['OPTIONS /nothing', REFUSALS.notFound],
  ])('gets the same for %s that is no preflight', async (call, refusal) => {
    expectRefusal(await ask(call), refusal);
    expectRefusal(await ask(call, { origin: SHOP }), refusal);
  });

  it('is answered a preflight before limits', async () => {
    const limited = await startTestService({
      database: service.database,
      accrual: service.accrual,
      settings: { http: { corsOrigins: [SHOP] }, auth: { rateLimitPerSecond: 1 } },
    });
    const headers = { origin: SHOP, 'access-control-request-method': 'POST' };
    for (let i = 0; i < 5; i++)
      expect((await send(limited.url, 'OPTIONS /api/user/orders', { headers })).status).toBe(204);
    await limited.stop();
  });

  it('is no matter where no origin is configured', async () => {
    const plain = await startTestService({ database: service.database, accrual: service.accrual });
    const headers = { origin: SHOP, 'access-control-request-method': 'POST' };
    const reply = await send(plain.url, 'OPTIONS /api/user/orders', { headers });
    expectRefusal(reply, REFUSALS.methodNotAllowed);
    expect(reply.headers.vary).toBe('Accept-Language');
    expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    await plain.stop();
  });
});
