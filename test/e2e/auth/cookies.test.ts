import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send, text } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('the cookie', () => {
  let service: TestService;

  afterEach(() => service.stop());

  const start = async (settings = {}): Promise<string> => {
    service = await startTestService({ settings });
    const { authorization } = await service.customer();
    return authorization.replace('Bearer ', '');
  };
  const upload = async (headers: OutgoingHttpHeaders): Promise<number> =>
    (await send(service.url, 'POST /api/user/orders', text(freshNumber(), headers))).status;

  it('does not count for a page of another site', async () => {
    const token = await start();
    const cookie = `token=${token}`;
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'cross-site' },
      // Nobody is trusted to say so.
      { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
    ])
      expect(await upload({ cookie, ...headers })).toBe(401);
    const own = `http://${new URL(service.url).host}`;
    for (const headers of [
      {},
      { origin: own },
      { origin: own, 'sec-fetch-site': 'same-origin' },
      { origin: 'https://evil.example', authorization: `Bearer ${token}` },
    ])
      expect(await upload({ cookie, ...headers })).toBe(202);
  });

  it('counts for pages of the host that a trusted proxy was asked for', async () => {
    const cookie = `token=${await start({ http: { trustProxy: ['127.0.0.1'] } })}`;
    const behind = { cookie, 'x-forwarded-host': 'shop.example' };
    expect(await upload({ ...behind, origin: 'https://shop.example' })).toBe(202);
    expect(await upload({ ...behind, origin: 'https://evil.example' })).toBe(401);
  });

  it('is read as Java sends it', async () => {
    const token = await start();
    expect(await upload({ cookie: `$Version="1"; token="${token}"; $Path="/"` })).toBe(202);
  });

  it.each([true, false])('is for HTTPS only where SECURE_COOKIE is %s', async (secureCookie) => {
    await start({ auth: { secureCookie } });
    const credentials = json(JSON.stringify({ login: randomUUID(), password: 'p' }));
    for (const call of ['register', 'login']) {
      const reply: RawReply = await send(service.url, `POST /api/user/${call}`, credentials);
      const attributes = reply.headers['set-cookie']?.[0]?.split('; ') ?? [];
      expect(attributes.length).toBeGreaterThan(1);
      expect(attributes.includes('Secure')).toBe(secureCookie);
    }
  });
});
