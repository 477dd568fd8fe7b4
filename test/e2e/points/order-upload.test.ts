import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send, text } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('an upload', () => {
  let service: TestService;
  let customer: Customer;
  let other: Customer;

  beforeAll(async () => {
    service = await startTestService();
    [customer, other] = [await service.customer(), await service.customer()];
  });

  afterAll(() => service.stop());

  const upload = (body: string | Buffer, who = customer): Promise<RawReply> =>
    send(service.url, 'POST /api/user/orders', text(body, { authorization: who.authorization }));
  const uploadJson = (body: string, who = customer): Promise<RawReply> =>
    send(service.url, 'POST /api/user/orders', json(body, { authorization: who.authorization }));

  it('is 202 when new, 200 when repeated, 409 for everybody else', async () => {
    const number = freshNumber();
    const first = await upload(number);
    expect([first.status, first.text]).toEqual([202, '']);
    for (let i = 0; i < 2; i++) {
      const again = await upload(number);
      expect([again.status, again.text]).toEqual([200, '']);
      expectRefusal(await upload(number, other), REFUSALS.othersOrder);
    }
    expect(await other.orders()).toEqual([]);
  });

  it('is the same in JSON, and the same number in either form', async () => {
    const number = freshNumber();
    expect((await uploadJson(`{"number":"${number}"}`)).status).toBe(202);
    expect((await uploadJson(`{"number":" ${number}\\n"}`)).status).toBe(200);
    expect((await upload(number)).status).toBe(200);
    expectRefusal(await uploadJson(`{"number":"${number}"}`, other), REFUSALS.othersOrder);
    expectRefusal(await uploadJson('{"number":"12345678901"}'), REFUSALS.wrongOrder);
  });

  it.each([
    '{}',
    '{"number":12345678903}',
    '{"number":null}',
    '{"number":["12345678903"]}',
    '"12345678903"',
    '12345678903',
    '{"order":"12345678903"}',
  ])('of the JSON %s is 400', async (body) =>
    expectRefusal(await uploadJson(body), REFUSALS.badRequest),
  );

  it.each(['', ' ', '\r\n\t '])('without a number, %j, is 400', async (nothing) => {
    expectRefusal(await upload(nothing), REFUSALS.badRequest);
    expectRefusal(await uploadJson(JSON.stringify({ number: nothing })), REFUSALS.badRequest);
  });

  it('trims white space around the number', async () => {
    const number = freshNumber();
    expect((await upload(` \t${number}\r\n`)).status).toBe(202);
    expect((await upload(number)).status).toBe(200);
    expect(await customer.order(number)).toBeDefined();
  });

  it('keeps leading zeros: with and without them are two numbers', async () => {
    const number = freshNumber();
    const zeros = `00${number}`;
    expect((await upload(number)).status).toBe(202);
    expect((await upload(zeros, other)).status).toBe(202);
    expect(await other.order(zeros)).toMatchObject({ number: zeros });
    expect(await other.order(number)).toBeUndefined();
  });

  it('takes the shortest numbers there are', async () => {
    const [one, two] = [await upload('0'), await upload('18')];
    expect([one.status, two.status]).toEqual([202, 202]);
  });

  it.each([
    '12345678903',
    '9278923470',
    '346436439',
    '2377225624',
    '4561261212345467',
    '79927398713',
  ])('takes %s, which is valid by Luhn', async (number) => {
    expect((await upload(number)).status).toBe(202);
  });

  it.each([
    '12345678901',
    '1',
    '4561261212345464',
    '-18',
    '+18',
    '1 8',
    '18.0',
    '1e1',
    '0x12',
    '18a',
    '18,18',
    '18\n18',
    '18\0',
    'null',
    '"18"',
    '{"number":"18"}',
    '١٨',
    '１８',
    '1\u200b8',
    '🦫',
  ])('refuses %j', async (number) => {
    expectRefusal(await upload(number), REFUSALS.wrongOrder);
  });

  it.each(['0٠', '1０', '1०', '٠٠', '００'])(
    'refuses digits that are not ASCII, like %j, whatever the check digit',
    async (pair) => {
      const [first, zero = ''] = pair;
      for (let digit = 0; digit < 10; digit++) {
        const number = `${first}${String.fromCodePoint((zero.codePointAt(0) ?? 0) + digit)}`;
        expectRefusal(await upload(number), REFUSALS.wrongOrder, 'ru', number);
      }
    },
  );

  it('refuses the same with wrong digits or exchanged neighbours: Luhn is for that', async () => {
    const number = '4561261212345467';
    for (let i = 0; i < number.length; i++) {
      const digit = (Number(number[i]) + 1) % 10;
      expectRefusal(
        await upload(`${number.slice(0, i)}${digit}${number.slice(i + 1)}`),
        REFUSALS.wrongOrder,
      );
    }
    expectRefusal(await upload('4561261212345476'), REFUSALS.wrongOrder);
  });

  it('takes a thousand digits and not one more', async () => {
    const longest = OrderNumber.withCheckDigit(freshNumber().padEnd(999, '7')).value;
    expect((await upload(longest)).status).toBe(202);
    expect((await upload(`  ${longest}\n`)).status).toBe(200);
    expect(await customer.order(longest)).toBeDefined();
    expectRefusal(await upload(`0${longest}`), REFUSALS.wrongOrder);
    expectRefusal(await upload('0'.repeat(60_000)), REFUSALS.wrongOrder);
  });

  it('that is not UTF-8 is 400', async () => {
    expectRefusal(await upload(Buffer.from([0x31, 0x38, 0xff])), REFUSALS.badRequest);
  });
});
