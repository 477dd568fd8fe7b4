import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { OwnListener } from '../../../src/service/http/listeners.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const OWN = { host: '127.0.0.1', port: 0 };
const DOCS = ['/docs', '/docs/', '/docs/swagger-ui.css', '/docs-json', '/docs-yaml'];

describe('an address of its own', () => {
  let service: TestService | undefined;

  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  async function start(http: object): Promise<TestService> {
    return (service = await startTestService({ settings: { http } }));
  }

  const urlOf = (name: OwnListener): string => service?.listeners.localUrlOf(name) ?? 'nowhere';
  const get = (base: string, path: string, headers = {}): Promise<RawReply> =>
    send(base, `GET ${path}`, { headers });

  it('serves metrics alone, and nothing else does', async () => {
    const { url } = await start({ metricsAddress: OWN });
    expect(urlOf('metrics')).not.toBe(url);
    expect((await get(urlOf('metrics'), '/metrics')).text).toContain('nodejs_version_info');
    for (const path of ['/', '/docs', '/health/ready', '/api/user/balance', '/nothing'])
      expectRefusal(await get(urlOf('metrics'), path), REFUSALS.notFound, 'ru', path);
    for (const call of [
      'GET /metrics',
      'POST /metrics',
      'GET /%6detrics',
      'PUT http://x/metrics?y',
      'GET /metrics#x',
      'GET /metrics#%ff',
    ])
      expectRefusal(await send(url, call), REFUSALS.notFound, 'ru', call);
    for (const path of ['/docs', '/health/ready']) expect((await get(url, path)).status).toBe(200);
  });

  it('serves the documents alone, and a page that leads on', async () => {
    const { url } = await start({ docsAddress: OWN });
    const docs = urlOf('docs');
    for (const path of [...DOCS, '/']) expect((await get(docs, path)).status).toBe(200);
    for (const path of ['/metrics', '/health/ready', '/api/user/balance', '/docsx'])
      expectRefusal(await get(docs, path), REFUSALS.notFound, 'ru', path);
    for (const path of DOCS)
      for (const method of ['GET', 'POST', 'OPTIONS'])
        expectRefusal(await send(url, `${method} ${path}`), REFUSALS.notFound, 'ru', path);
    expect((await get(url, '/')).text).toContain(`href="${docs}/docs"`);
    expect((await get(docs, '/')).text).toContain(`${url}/api/user/register`);
  });

  it('of the documents names the API, which their pages may call', async () => {
    const { url } = await start({ docsAddress: OWN });
    const docs = urlOf('docs');
    const document = JSON.parse((await get(docs, '/docs-json')).text) as object;
    expect(document).toMatchObject({ servers: [{ url }] });
    const { headers } = await get(docs, '/docs');
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ${url};`);
    for (const [origin, admitted] of [
      [docs, docs],
      ['https://evil.example', undefined],
    ] as const) {
      const reply = await get(url, '/api/user/balance', { origin });
      expect(reply.headers['access-control-allow-origin']).toBe(admitted);
    }
  });

  it('of the documents is known by the name that the client uses', async () => {
    const { url } = await start({ docsAddress: { host: '0.0.0.0', port: 0 } });
    const { port } = new URL(urlOf('docs'));
    const origin = `http://shop.example:${port}`;
    const reply = await get(url, '/api/user/balance', { origin, host: 'shop.example:8080' });
    expect(reply.headers['access-control-allow-origin']).toBe(origin);
  });

  it('may be off', async () => {
    const { url } = await start({ docsAddress: 'off', metricsAddress: 'off' });
    for (const path of [...DOCS, '/metrics'])
      expectRefusal(await get(url, path), REFUSALS.notFound, 'ru', path);
    const home = await get(url, '/');
    expect([home.status, home.text.match(/<a href/g)?.length]).toEqual([200, 1]);
  });

  it('that is taken is an error which names its setting', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const taken = { host: '127.0.0.1', port };
    await expect(start({ docsAddress: taken })).rejects.toThrow(
      `DOCS_ADDRESS: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    );
    other.close();
  });
});
