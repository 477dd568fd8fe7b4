import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Readiness } from '../../../src/platform/observability/readiness.js';
import type { Customer } from '../../support/http/customer.js';
import { type RawReply, send, text } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const OWN_ID = /^[\w-]{12}\.\d+$/;

describe('around the API', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService();
    customer = await service.customer();
  });

  afterAll(() => service.stop());

  const get = (path: string, headers: Record<string, string> = {}): Promise<RawReply> =>
    send(service.url, `GET ${path}`, { headers });

  it.each(['/health/live', '/health/ready'])('%s says that all is well', async (path) => {
    const reply = await get(path);
    expect([reply.status, reply.headers['content-type']]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    expect(JSON.parse(reply.text)).toMatchObject({ status: 'ok' });
  });

  it.each(['gopher-1', 'A.b:c_d-9', 'x'.repeat(64)])(
    'a client’s request id, %s, comes back',
    async (id) => {
      for (const path of ['/api/user/balance', '/nothing', '/health/live', '/api/user/%zz']) {
        expect((await get(path, { 'x-request-id': id })).headers['x-request-id']).toBe(id);
      }
    },
  );

  it.each(['', 'two words', 'x'.repeat(65), '{"a":1}', '<b>', 'a;b'])(
    'a request id that is not fit for a log, %j, is replaced',
    async (id) => {
      expect((await get('/nothing', { 'x-request-id': id })).headers['x-request-id']).toMatch(
        OWN_ID,
      );
    },
  );

  it('every request without an id gets one of its own', async () => {
    const replies = [
      await get('/health/live'),
      await get('/api/user/balance'),
      await get('/api/user/orders', { authorization: customer.authorization }),
      await get('/nothing'),
      await send(
        service.url,
        'POST /api/user/orders',
        text('x'.repeat(100_000), { authorization: customer.authorization }),
      ),
    ];
    const ids = replies.map(({ headers }) => headers['x-request-id']);
    for (const id of ids) expect(id).toMatch(OWN_ID);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('/metrics is in the Prometheus text format, line by line', async () => {
    const reply = await get('/metrics');
    expect([reply.status, reply.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(reply.text.endsWith('\n')).toBe(true);
    const label = '[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\.)*"';
    const sample = new RegExp(
      `^[a-zA-Z_:][\\w:]*(\\{${label}(,${label})*,?\\})? ([-+]?[\\d.]+(e[-+]?\\d+)?|NaN|[-+]Inf)$`,
    );
    for (const line of reply.text.split('\n').filter((each) => each !== '')) {
      expect(line).toMatch(line.startsWith('#') ? /^# (HELP|TYPE) [a-zA-Z_:][\w:]* \S/ : sample);
    }
    expect(reply.text).toMatch(/^process_cpu_seconds_total /m);
    expect(reply.text).toMatch(/^gophermart_|^cashback_|^accrual_/m);
  });

  it('/metrics counts by route, method and status, never by what a client made up', async () => {
    const count = async (labels: string): Promise<number> => {
      const [, value] =
        new RegExp(`^http_request_duration_seconds_count\\{${labels}\\} (\\d+)$`, 'm').exec(
          (await get('/metrics')).text,
        ) ?? [];
      return Number(value ?? 0);
    };
    const refused = 'method="GET",route="/api/user/balance",status="401"';
    const before = await count(refused);
    await get('/api/user/balance?who=gopher');
    expect(await count(refused)).toBe(before + 1);
    await get('/made-up-by-a-client');
    const { text: metrics } = await get('/metrics');
    expect(metrics).not.toContain('made-up-by-a-client');
    expect(metrics).not.toContain(customer.login);
  });

  it('a stopping service is alive, serves, sends clients elsewhere, and is not ready', async () => {
    service.app.get(Readiness).beginStop();
    expectRefusal(await get('/health/ready'), REFUSALS.unavailable);
    expect((await get('/health/live')).headers).toMatchObject({ connection: 'close' });
    expect((await get('/api/user/orders', { authorization: customer.authorization })).status).toBe(
      204,
    );
  });
});
