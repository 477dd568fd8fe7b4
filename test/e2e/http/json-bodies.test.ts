import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

/**
 * As text: most of these cannot be written by JSON.stringify. `$` stands for something new each
 * time.
 */
const BROKEN = [
  '',
  ' ',
  'null',
  'true',
  '1',
  '"$"',
  '[]',
  '[{"login":"$","password":"x"}]',
  '{}',
  '{"login":"$"}',
  '{"password":"x"}',
  '{"login":"$","password":null}',
  '{"login":null,"password":"x"}',
  '{"login":1,"password":"x"}',
  '{"login":true,"password":"x"}',
  '{"login":["$"],"password":"x"}',
  '{"login":{"$":1},"password":"x"}',
  '{"login":"$","password":12345678}',
  '{"login":"$","password":["x"]}',
  '{"LOGIN":"$","Password":"x"}',
  '{"login":"$","password":"x"',
  '{"login":"$","password":"x"}}',
  '{"login":"$","password":"x"} {}',
  '{"login":"$","password":"x"}x',
  '{"login":"$","password":"x",}',
  "{'login':'$','password':'x'}",
  '{login:"$","password":"x"}',
  '{"login":"$","password":"x"} // why',
  '{"login":"$","password":"x","n":NaN}',
  '{"login":"$","password":"x","n":01}',
  '{"login":"$","password":"x","n":+1}',
  '{"login":"$","password":"x","n":.5}',
  '{"login":"$","password":"a\nb"}',
  '{"login":"$","password":"a\\xb"}',
  '{"login":"$\\u0000","password":"x"}',
  '{"login":"$","password":"x\\u0000y"}',
  '{"login":"$\\ud800","password":"x"}',
  '{"login":"$\\udc00\\ud800","password":"x"}',
  '{"login":"$","password":"\\udfff"}',
  '{"login":"$","password":"x","note":"\\u0000"}',
  '{"login":"$","login":"other","password":"x"}',
  '{"login":"$","login":"$","password":"x"}',
  '{"login":"$","password":"x","password":"x"}',
  '{"login":"$","password":"x","\\u006cogin":"$"}',
  '{"login":"$","password":"x","a":{"b":1,"b":1}}',
  '{"login":"$","password":"x","a":[{"b":1,"b":2}]}',
  '{"__proto__":{"login":"$","password":"x"}}',
  '{"login":"$","password":"x","__proto__":{}}',
  '{"login":"$","password":"x","__proto__":null}',
  '{"login":"$","password":"x","__proto__":1}',
  '{"login":"$","password":"x","a":{"__proto__":{"admin":true}}}',
  '{"login":"$","password":"x","\\u005f_proto__":{}}',
  '\ufeff\ufeff{"login":"$","password":"x"}',
  '{"login":"$","password":"x"}\ufeff',
  '\u00a0{"login":"$","password":"x"}',
  '{"login":{"isLosslessNumber":true,"value":"1"},"password":"x"}',
];

describe('a JSON body', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService();
    customer = await service.customerWith('100');
  });

  afterAll(() => service.stop());

  const register = (body: string | Buffer): Promise<RawReply> =>
    send(service.url, 'POST /api/user/register', json(body));
  const withdraw = (body: string | Buffer): Promise<RawReply> =>
    send(
      service.url,
      'POST /api/user/balance/withdraw',
      json(body, { authorization: customer.authorization }),
    );

  it.each(BROKEN)('is refused at the door: %j', async (template) => {
    const body = template.replaceAll('$', randomUUID());
    const users = await service.database.query('SELECT FROM gophermart.users');
    expectRefusal(await register(body), REFUSALS.badRequest);
    expectRefusal(await send(service.url, 'POST /api/user/login', json(body)), REFUSALS.badRequest);
    expect(await service.database.query('SELECT FROM gophermart.users')).toHaveLength(users.length);
  });

  it.each([
    '{"login":"$","password":"x","referrer":"friend","tags":[1,{"a":null}]}',
    ' \t\r\n{ "login" : "$" , "password" : "x" } \n',
    '{"password":"x","login":"\\u0024$\\ud83e\\uddab"}',
    '{"login":"$","password":"{\\"a\\":1,\\"a\\":1}"}',
    '{"login":"$","password":"\\\\\\": \\"","hint":"\\":"}',
    '{"login":"$","password":"x","a":{"b":1},"c":{"b":1}}',
    '{"login":"$","password":"x","big":1e309,"small":-0.0}',
    '\ufeff{"login":"$","password":"x"}',
    '\ufeff {"login":"$","password":"\ufeff"}',
  ])('may hold what is harmless: %j', async (template) => {
    expect((await register(template.replaceAll('$', randomUUID()))).status).toBe(200);
  });

  it.each(['constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON', 'valueOf'])(
    'with the key %j does no harm, whatever it holds',
    async (key) => {
      for (const value of [
        'null',
        '1',
        '"x"',
        '{}',
        '[]',
        '{"prototype":null}',
        '{"prototype":{}}',
        '{"name":"CredentialsDto"}',
      ]) {
        const reply = await register(
          `{"login":"${randomUUID()}","password":"x","${key}":${value}}`,
        );
        expect([`200 ${value}`, `400 ${value}`]).toContain(`${reply.status} ${value}`);
        const untyped = await register(`{"login":1,"password":"x","${key}":${value}}`);
        expectRefusal(untyped, REFUSALS.badRequest, 'ru', value);
      }
    },
  );

  it('is refused when it is not UTF-8, or UTF-8 that no encoder makes', async () => {
    for (const bytes of [
      [0xff],
      [0xc3],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0xe9],
    ]) {
      const login = randomUUID();
      const body = Buffer.concat([
        Buffer.from(`{"login":"${login}`),
        Buffer.from(bytes),
        Buffer.from('","password":"x"}'),
      ]);
      expectRefusal(await register(body), REFUSALS.badRequest, 'ru', bytes.join());
    }
    const utf16 = Buffer.from(`{"login":"${randomUUID()}","password":"x"}`, 'utf16le');
    expectRefusal(await register(utf16), REFUSALS.badRequest);
  });

  it.each([
    10, 100, 500, 1_000, 1_500, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 15_000, 30_000,
  ])('nested %d deep is no fault of the service', async (depth) => {
    for (const [open, close] of ['[]', '{"a":}'].map(
      (pair) => [pair.slice(0, -1), pair.slice(-1)] as [string, string],
    )) {
      const levels = Math.min(depth, Math.floor(60_000 / (open.length + 1)));
      const nested = `${open.repeat(levels)}1${close.repeat(levels)}`;
      const reply = await register(`{"login":"${randomUUID()}","password":"x","a":${nested}}`);
      expect([`200 ${open}`, `400 ${open}`]).toContain(`${reply.status} ${open}`);
      expectRefusal(await register(open.repeat(levels)), REFUSALS.badRequest, 'ru', open);
    }
  });

  it('that is refused changes no balance', async () => {
    const order = freshNumber();
    for (const body of [
      `{"order":"${order}","sum":1,"sum":1}`,
      `{"order":"${order}","order":"${order}","sum":1}`,
      `{"order":"${order}","sum":1,"__proto__":{"sum":2}}`,
      `{"order":"${order}","sum":{"isLosslessNumber":true,"value":"1"}}`,
      `{"order":"${order}","sum":{"value":"1"}}`,
      `{"order":"${order}","sum":1}{"order":"${order}","sum":2}`,
      `[{"order":"${order}","sum":1}]`,
      `{"order":["${order}"],"sum":1}`,
      `{"order":${order},"sum":1}`,
      `{"order":null,"sum":1}`,
      `{"order":"${order}\\u0000","sum":1}`,
      `{"order":"${order}","sum":[1]}`,
      `{"order":"${order}","sum":1`,
    ]) {
      expectRefusal(await withdraw(body), REFUSALS.badRequest, 'ru', body);
    }
    expect(await customer.balance()).toEqual({ current: 100, withdrawn: 0 });
    expect(await customer.withdrawals()).toEqual([]);
  });
});
