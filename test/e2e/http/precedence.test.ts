import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, type PlainRequest, send, text } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

const UPLOAD = 'POST /api/user/orders';
const WITHDRAW = 'POST /api/user/balance/withdraw';
const BAD_LUHN = '12345678901';
const TOO_LARGE = 'x'.repeat(1_000_000);

describe('which error comes first', () => {
  let service: TestService;
  let customer: Customer;
  let stranger: Customer;

  beforeAll(async () => {
    service = await startTestService();
    customer = await service.customerWith('100');
    stranger = await service.customer();
  });

  afterAll(() => service.stop());

  const as = (who: Customer, call: string, request: PlainRequest): Promise<RawReply> =>
    send(service.url, call, {
      ...request,
      headers: { ...request.headers, authorization: who.authorization },
    });
  const withdraw = (who: Customer, order: string, sum: string): Promise<RawReply> =>
    as(who, WITHDRAW, json(`{"order":"${order}","sum":${sum}}`));

  describe.each([UPLOAD, WITHDRAW])('of %s', (call) => {
    it.each<[string, PlainRequest]>([
      ['no body', {}],
      [
        'an unknown content type',
        { headers: { 'content-type': 'application/xml' }, body: '<order/>' },
      ],
      ['no content type', { body: '{}' }],
      ['a content type that is none', { headers: { 'content-type': ';;;' }, body: '{}' }],
      ['an empty content type', { headers: { 'content-type': '' }, body: '{}' }],
      ['broken JSON', json('{"order":')],
      ['a body that only claims to be gzip', json('{}', { 'content-encoding': 'gzip' })],
      ['an unknown encoding', json('{}', { 'content-encoding': 'br' })],
      ['a wrong order number', json(`{"number":"${BAD_LUHN}","order":"${BAD_LUHN}","sum":1}`)],
      ['an impossible sum', json(`{"order":"${freshNumber()}","sum":-1}`)],
      ['a body too large', text(TOO_LARGE)],
      ['a body too large that does not say so', { ...text(TOO_LARGE), chunked: true }],
    ])('is 401 over %s', async (_, request) => {
      expectRefusal(await send(service.url, call, request), REFUSALS.unauthenticated);
      const forged = {
        ...request,
        headers: { ...request.headers, authorization: 'Bearer nonsense' },
      };
      expectRefusal(await send(service.url, call, forged), REFUSALS.unauthenticated);
    });
  });

  it('is 400 over 422 when an order is uploaded', async () => {
    const wrong = { headers: { 'content-type': 'application/xml' }, body: BAD_LUHN };
    expectRefusal(await as(customer, UPLOAD, wrong), REFUSALS.badRequest);
    expectRefusal(await as(customer, UPLOAD, text(BAD_LUHN)), REFUSALS.wrongOrder);
  });

  it('is 400 over 422 when points are withdrawn, whichever field is at fault', async () => {
    for (const body of [
      `{"order":"${BAD_LUHN}","sum":"751"}`,
      `{"order":"${BAD_LUHN}"}`,
      `{"order":12345678903,"sum":-1}`,
      `{"sum":0}`,
      `{"order":"","sum":0}`,
      `{"order":"  ","sum":0.001}`,
    ]) {
      expectRefusal(await as(customer, WITHDRAW, json(body)), REFUSALS.badRequest, 'ru', body);
    }
  });

  it('is 422 over 409 and 200', async () => {
    const [others, paid] = [freshNumber(), freshNumber()];
    expect((await withdraw(customer, paid, '1')).status).toBe(200);
    for (const sum of ['0', '-1', '0.001', '1.001', '1e14']) {
      expectRefusal(await withdraw(customer, paid, sum), REFUSALS.impossibleSum, 'ru', sum);
      expectRefusal(await withdraw(stranger, paid, sum), REFUSALS.impossibleSum, 'ru', sum);
    }
    expect((await as(customer, UPLOAD, text(others))).status).toBe(202);
    const wrong = `${others.slice(0, -1)}${(Number(others.at(-1)) + 1) % 10}`;
    expectRefusal(await as(stranger, UPLOAD, text(wrong)), REFUSALS.wrongOrder);
  });

  it('is 422 over 402', async () => {
    expectRefusal(await withdraw(stranger, freshNumber(), '-1'), REFUSALS.impossibleSum);
    expectRefusal(await withdraw(stranger, freshNumber(), '1e14'), REFUSALS.impossibleSum);
    expectRefusal(await withdraw(stranger, BAD_LUHN, '1'), REFUSALS.wrongOrder);
    expectRefusal(await withdraw(stranger, freshNumber(), '1'), REFUSALS.lowBalance);
  });

  it('is 409 over 402', async () => {
    const paid = freshNumber();
    expect((await withdraw(customer, paid, '2')).status).toBe(200);
    expectRefusal(await withdraw(stranger, paid, '2'), REFUSALS.paidOtherwise);
    expectRefusal(await withdraw(customer, paid, '1000000'), REFUSALS.paidOtherwise);
  });

  it('is 200 over 402: what is paid is paid, though nothing is left', async () => {
    const spender = await service.customerWith('7');
    const paid = freshNumber();
    expect((await withdraw(spender, paid, '7')).status).toBe(200);
    expect((await withdraw(spender, paid, '7')).status).toBe(200);
    expectRefusal(await withdraw(spender, freshNumber(), '0.01'), REFUSALS.lowBalance);
    expect(await spender.balance()).toEqual({ current: 0, withdrawn: 7 });
  });
});
