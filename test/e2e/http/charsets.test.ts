import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { type RawReply, send } from '../../support/http/raw-http.js';
import { detailOf, expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('a body', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService();
    customer = await service.customer();
  });

  afterAll(() => service.stop());

  const upload = (body: string, headers: OutgoingHttpHeaders): Promise<RawReply> =>
    send(service.url, 'POST /api/user/orders', {
      headers: { authorization: customer.authorization, ...headers },
      body,
    });

  it.each([
    'text/plain; charset=utf-8',
    'Text/Plain;charset="UTF-8"',
    'text/plain ; charset=us-ascii',
    'text/plain;format=flowed',
    'text/plain; charset=utf8',
    'text/plain; charset="UTF8"; format=flowed',
    'text/plain; charset=ISO-8859-1',
    'text/plain; charset="windows-1251"',
    'text/plain; charset=nonsense',
    'text/plain; charset=',
  ])('of the type %j is understood', async (type) => {
    expect((await upload(freshNumber(), { 'content-type': type })).status).toBe(202);
    const asJson = type.replace(/text\/plain/i, 'Application/JSON');
    expect((await upload(`{"number":"${freshNumber()}"}`, { 'content-type': asJson })).status).toBe(
      202,
    );
  });

  it.each(['utf-8', 'UTF-8', 'utf8', 'UTF_8', '"utf-8"', "'utf-8'", 'utf-8,', '', undefined])(
    'may have any text in the charset %s',
    async (charset) => {
      const type = `application/json${charset === undefined ? '' : `; charset=${charset}`}`;
      const credentials = JSON.stringify({ login: `гофер ${randomUUID()}`, password: 'пароль' });
      const headers = { 'content-type': type };
      const reply = await send(service.url, 'POST /api/user/register', {
        headers,
        body: credentials,
      });
      expect(reply.status).toBe(200);
    },
  );

  it('may be ASCII behind the mark of UTF-8 in any charset', async () => {
    for (const [type, body] of [
      ['text/plain', freshNumber()],
      ['application/json', `{"number":"${freshNumber()}"}`],
    ]) {
      const headers = { 'content-type': `${type}; charset=ISO-8859-1` };
      expect((await upload(`\ufeff${body}`, headers)).status).toBe(202);
    }
  });

  it.each(['us-ascii', 'ISO-8859-1', 'windows-1251', 'koi8-r', 'utf-16', 'nonsense'])(
    'in the charset %s is refused where it is not ASCII, and the detail says so',
    async (charset) => {
      const gopher = `{"login":"гофер ${randomUUID()}","password":"x"}`;
      for (const [type, call, body] of [
        ['application/json', 'POST /api/user/register', gopher],
        ['application/json', 'POST /api/user/register', Buffer.from(gopher, 'utf16le')],
        ['text/plain', 'POST /api/user/orders', `${freshNumber()}\u00a0`],
        ['text/plain', 'POST /api/user/orders', Buffer.from(freshNumber(), 'utf16le')],
      ] as const) {
        const headers = {
          authorization: customer.authorization,
          'content-type': `${type}; charset=${charset}`,
        };
        const reply = await send(service.url, call, { headers, body });
        expectRefusal(reply, REFUSALS.badRequest);
        expect(detailOf(reply)).toBe(`the body must be UTF-8, and say so, not ${charset}`);
      }
    },
  );
});
