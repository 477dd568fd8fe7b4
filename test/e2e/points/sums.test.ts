import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import type { Customer } from '../../support/http/customer.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('a sum', () => {
  let service: TestService;
  let customer: Customer;

  beforeAll(async () => {
    service = await startTestService();
    customer = await service.customerWith('1000');
  });

  afterAll(() => service.stop());

  const withdraw = (sum: string, order = freshNumber(), who = customer): Promise<RawReply> =>
    send(
      service.url,
      'POST /api/user/balance/withdraw',
      json(`{"order":"${order}"${sum && `,"sum":${sum}`}}`, { authorization: who.authorization }),
    );
  const balance = async (who: Customer): Promise<string> =>
    (await who.call('GET', '/api/user/balance')).text();

  it.each([
    '',
    'null',
    'true',
    'false',
    '"751"',
    '""',
    '[1]',
    '[]',
    '{}',
    '"1e2"',
    '01',
    '+1',
    '.5',
    '1.',
    '0x10',
    '1_000',
    'NaN',
    'Infinity',
    '1,5',
    '1e',
    '--1',
  ])('that is no JSON number, %j, is 400', async (sum) => {
    expectRefusal(await withdraw(sum), REFUSALS.badRequest);
  });

  it.each([
    '0',
    '-0',
    '0.0',
    '-0.00',
    '0e5',
    '0e-400',
    '-1',
    '-0.01',
    '-1e309',
    '0.001',
    '1.005',
    '1.999',
    '0.009',
    '1e-3',
    '100.001',
    '0.0000000000000000000000001',
    '1e-400',
    '1e-999999999',
    '1.00000000000000000000000000001',
    '10000000000000.01',
    '10000000000001',
    '1.1e13',
    '1e14',
    '99999999999999999999',
    '1e308',
    '1e309',
    '1e999999999',
    '1e99999999999999999999',
    '9'.repeat(5_000),
  ])('that is impossible, %s, is 422', async (sum) => {
    expectRefusal(await withdraw(sum), REFUSALS.impossibleSum);
  });

  it.each([
    '1e13',
    '10000000000000',
    '10000000000000.00',
    '1000.01',
    '9007199254740993'.slice(0, 13),
  ])('that is only too much for this balance, %s, is 402', async (sum) => {
    expectRefusal(await withdraw(sum), REFUSALS.lowBalance);
  });

  it.each([
    ['1e2', '100'],
    ['1E2', '100'],
    ['1e+2', '100'],
    ['0.1e3', '100'],
    ['10000e-2', '100'],
    ['100.00', '100'],
    ['100.0000000000000000000000000', '100'],
    ['0.01', '0.01'],
    ['1e-2', '0.01'],
    ['1.005e2', '100.5'],
    ['16.10', '16.1'],
    ['0.29', '0.29'],
  ])('of %s takes %s from the balance', async (sum, taken) => {
    const spender = await service.customerWith('200');
    expect((await withdraw(sum, freshNumber(), spender)).status).toBe(200);
    expect(await balance(spender)).toMatch(
      new RegExp(`,"withdrawn":${taken.replace('.', '\\.')}}$`),
    );
    const reply = await spender.call('GET', '/api/user/withdrawals');
    expect(await reply.text()).toContain(`"sum":${taken},`);
  });

  it('however it is written, is the same sum to the idempotency key', async () => {
    const spender = await service.customerWith('200');
    const order = freshNumber();
    for (const sum of ['100', '1e2', '100.00', '1000e-1'])
      expect((await withdraw(sum, order, spender)).status).toBe(200);
    expectRefusal(await withdraw('100.01', order, spender), REFUSALS.paidOtherwise);
    expect(await balance(spender)).toBe('{"current":100,"withdrawn":100}');
  });

  it('of 0.1, ten times, is exactly 1, spent', async () => {
    const spender = await service.customerWith('1');
    for (let i = 0; i < 10; i++)
      expect((await withdraw('0.1', freshNumber(), spender)).status).toBe(200);
    expect(await balance(spender)).toBe('{"current":0,"withdrawn":1}');
    expectRefusal(await withdraw('0.01', freshNumber(), spender), REFUSALS.lowBalance);
  });

  it('of 0.1, ten times, is exactly 1, earned', async () => {
    const earner = await service.customer();
    await Promise.all(Array.from({ length: 10 }, () => earner.earn('0.1', service.accrual)));
    expect(await balance(earner)).toBe('{"current":1,"withdrawn":0}');
    expect((await withdraw('1', freshNumber(), earner)).status).toBe(200);
    expect(await balance(earner)).toBe('{"current":0,"withdrawn":1}');
  });

  it('of many digits is shown to the last kopeck', async () => {
    const rich = await service.customer();
    const number = freshNumber();
    service.accrual.script(number, processed(number, '9999999999999.97'));
    await rich.upload(number);
    await eventually('the award is credited', async () =>
      (await balance(rich)).includes('9999999999999.97'),
    );
    expect((await withdraw('9007199254741.99', freshNumber(), rich)).status).toBe(200);
    expect(await balance(rich)).toBe('{"current":992800745257.98,"withdrawn":9007199254741.99}');
  });

  it('that was refused has changed nothing', async () => {
    expect(await balance(customer)).toBe('{"current":1000,"withdrawn":0}');
    expect(await customer.withdrawals()).toEqual([]);
  });
});
