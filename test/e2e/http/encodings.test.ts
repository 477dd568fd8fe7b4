import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { BODY_CALLS } from '../../support/http/client.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send, text } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const LIMIT = 4096;

describe('a body', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService({ settings: { http: { bodyLimit: LIMIT } } });
    customer = await service.customerWith('50');
  });

  afterAll(() => service.stop());

  const upload = (body: string | Buffer, headers: OutgoingHttpHeaders): Promise<RawReply> =>
    send(service.url, 'POST /api/user/orders', {
      headers: { authorization: customer.authorization, ...headers },
      body,
    });
  const uploadPacked = (packed: Buffer, encoding = 'gzip'): Promise<RawReply> =>
    upload(packed, { 'content-type': 'text/plain', 'content-encoding': encoding });
  const get = (call: string, accept?: string): Promise<RawReply> =>
    send(service.url, call, {
      headers: {
        authorization: customer.authorization,
        ...(accept !== undefined && { 'accept-encoding': accept }),
      },
    });
  const padded = (size: number): Buffer => Buffer.from(freshNumber().padEnd(size));

  it('may be gzip, in every call that has one', async () => {
    const credentials = gzipSync(JSON.stringify({ login: randomUUID(), password: 'x' }));
    const packed = { 'content-encoding': 'gzip', authorization: customer.authorization };
    expect(
      (await send(service.url, 'POST /api/user/register', json(credentials, packed))).status,
    ).toBe(200);
    expect(
      (await send(service.url, 'POST /api/user/login', json(credentials, packed))).status,
    ).toBe(200);
    expect(
      (await send(service.url, 'POST /api/user/orders', text(gzipSync(freshNumber()), packed)))
        .status,
    ).toBe(202);
    const withdrawal = gzipSync(`{"order":"${freshNumber()}","sum":0.5}`);
    expect(
      (await send(service.url, 'POST /api/user/balance/withdraw', json(withdrawal, packed))).status,
    ).toBe(200);
    expect(
      (
        await send(service.url, 'POST /api/user/orders', {
          ...text(gzipSync(freshNumber()), packed),
          chunked: true,
        })
      ).status,
    ).toBe(202);
  });

  it('may name its encoding in any case, and identity too', async () => {
    expect((await uploadPacked(gzipSync(freshNumber()), 'GZIP')).status).toBe(202);
    expect((await uploadPacked(Buffer.from(freshNumber()), 'identity')).status).toBe(202);
  });

  it.each(BODY_CALLS)(
    'that is broken gzip, or in an encoding nobody spoke of, is 400 for %s',
    async (call) => {
      const whole = gzipSync('{"login":"gopher","password":"x"}');
      const damaged = Buffer.from(whole);
      damaged.writeUInt32LE(0, whole.length - 8);
      const type = { 'content-type': 'application/json', authorization: customer.authorization };
      for (const body of [
        Buffer.from('{}'),
        Buffer.alloc(0),
        whole.subarray(0, -9),
        whole.subarray(0, 12),
        damaged,
      ]) {
        const reply = await send(service.url, call, {
          headers: { ...type, 'content-encoding': 'gzip' },
          body,
        });
        expectRefusal(reply, REFUSALS.badRequest);
      }
      for (const [encoding, body] of [
        ['br', brotliCompressSync('{}')],
        ['deflate', deflateSync('{}')],
        ['zstd', whole],
        ['gzip, gzip', gzipSync(whole)],
        ['nonsense', Buffer.from('{}')],
      ] as const) {
        const reply = await send(service.url, call, {
          headers: { ...type, 'content-encoding': encoding },
          body,
        });
        expectRefusal(reply, REFUSALS.badRequest, 'ru', encoding);
      }
    },
  );

  it('may be as large as the limit and not a byte larger, as sent and unpacked', async () => {
    const plain = { 'content-type': 'text/plain' };
    expect((await upload(padded(LIMIT), plain)).status).toBe(202);
    expectRefusal(await upload(padded(LIMIT + 1), plain), REFUSALS.bodyTooLarge);
    expect((await uploadPacked(gzipSync(padded(LIMIT)))).status).toBe(202);
    expectRefusal(await uploadPacked(gzipSync(padded(LIMIT + 1))), REFUSALS.bodyTooLarge);
    expectRefusal(await uploadPacked(gzipSync(randomBytes(2 * LIMIT))), REFUSALS.bodyTooLarge);
  });

  it.each(BODY_CALLS)('that unpacks to a thousand times its size is 413 for %s', async (call) => {
    const bomb = gzipSync(Buffer.alloc(64 << 20), { level: 9 }).subarray(0, LIMIT);
    const headers = { authorization: customer.authorization, 'content-encoding': 'gzip' };
    expectRefusal(await send(service.url, call, json(bomb, headers)), REFUSALS.bodyTooLarge);
  });

  it.each(BODY_CALLS)(
    'without a content type, or with one nobody spoke of, is 400 for %s',
    async (call) => {
      const headers = { authorization: customer.authorization };
      const body =
        `{"login":"${randomUUID()}","password":"x","number":"${freshNumber()}",` +
        `"order":"${freshNumber()}","sum":1}`;
      expectRefusal(await send(service.url, call, { headers, body }), REFUSALS.badRequest);
      for (const type of [
        '',
        'json',
        'application/xml',
        'text/html',
        'application/jsonp',
        'application/json-patch+json',
        'multipart/form-data',
      ]) {
        const reply = await send(service.url, call, {
          headers: { ...headers, 'content-type': type },
          body,
        });
        expectRefusal(reply, REFUSALS.badRequest, 'ru', type);
      }
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      expectRefusal(
        await send(service.url, call, { headers: form, body: 'login=a&password=b&order=18&sum=1' }),
        REFUSALS.badRequest,
      );
    },
  );

  it.each(BODY_CALLS.filter((call) => call !== 'POST /api/user/orders'))(
    'of plain text is 400 for %s',
    async (call) => {
      const body = `{"login":"${randomUUID()}","password":"x","order":"${freshNumber()}","sum":1}`;
      expectRefusal(
        await send(service.url, call, text(body, { authorization: customer.authorization })),
        REFUSALS.badRequest,
      );
    },
  );

  it.each(['gzip', 'GZIP', 'br, gzip;q=0.5', 'gzip, deflate, br', '*'])(
    'of a reply is gzip for a client that accepts %j',
    async (accept) => {
      for (const call of [
        'GET /api/user/balance',
        'GET /api/user/orders',
        'GET /api/user/withdrawals',
        'POST /api/user/login',
        'GET /docs/swagger-ui.css',
      ]) {
        const [packed, plain] = [await get(call, accept), await get(call)];
        expect([call, packed.status, packed.headers['content-encoding']]).toEqual([
          call,
          plain.status,
          'gzip',
        ]);
        expect(gunzipSync(packed.bytes).toString()).toBe(plain.text);
        expect(packed.headers['content-type']).toBe(plain.headers['content-type']);
        expect(packed.headers.vary?.toLowerCase()).toContain('accept-encoding');
      }
    },
  );

  it.each([undefined, '', 'identity', 'gzip;q=0', 'br', 'nonsense'])(
    'of a reply is left alone for a client that accepts %j',
    async (accept) => {
      const reply = await get('GET /api/user/balance', accept);
      expect([reply.status, reply.headers['content-encoding']]).toEqual([200, undefined]);
      expect(JSON.parse(reply.text)).toHaveProperty('withdrawn');
    },
  );
});
