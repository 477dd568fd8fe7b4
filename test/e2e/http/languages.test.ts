import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send, text } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS, type Refusal } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('the language of an error', () => {
  let service: TestService;
  let customer: Customer;
  let uploaded: string;
  let paid: string;

  beforeAll(async () => {
    service = await startTestService();
    const other = await service.customerWith('10');
    customer = await service.customer();
    [uploaded, paid] = [freshNumber(), freshNumber()];
    await other.upload(uploaded);
    await other.withdraw(paid, 1);
  });

  afterAll(() => service.stop());

  const withdrawal = (order: string, sum: number): string => `{"order":"${order}","sum":${sum}}`;
  const ask = async (refusal: Refusal, language?: string): Promise<RawReply> => {
    const headers = {
      authorization: customer.authorization,
      ...(language !== undefined && { 'accept-language': language }),
    };
    const credentials = json(JSON.stringify({ login: customer.login, password: 'x' }), headers);
    const withdraw = (order: string, sum: number): Promise<RawReply> =>
      send(service.url, 'POST /api/user/balance/withdraw', json(withdrawal(order, sum), headers));
    switch (refusal) {
      case REFUSALS.badRequest:
        return send(service.url, 'POST /api/user/register', json('{}', headers));
      case REFUSALS.unauthenticated:
        return send(service.url, 'GET /api/user/balance', {
          headers: { ...headers, authorization: 'nobody' },
        });
      case REFUSALS.wrongPair:
        return send(
          service.url,
          'POST /api/user/login',
          json(`{"login":"${randomUUID()}","password":"x"}`, headers),
        );
      case REFUSALS.lowBalance:
        return withdraw(freshNumber(), 1);
      case REFUSALS.loginTaken:
        return send(service.url, 'POST /api/user/register', credentials);
      case REFUSALS.othersOrder:
        return send(service.url, 'POST /api/user/orders', text(uploaded, headers));
      case REFUSALS.paidOtherwise:
        return withdraw(paid, 1);
      case REFUSALS.wrongOrder:
        return send(service.url, 'POST /api/user/orders', text('1', headers));
      case REFUSALS.impossibleSum:
        return withdraw(freshNumber(), 0);
      default:
        throw new Error('not an error of a use case');
    }
  };

  const OF_USE_CASES = [
    'badRequest',
    'unauthenticated',
    'wrongPair',
    'lowBalance',
    'loginTaken',
    'othersOrder',
    'paidOtherwise',
    'wrongOrder',
    'impossibleSum',
  ] as const;

  it.each(OF_USE_CASES)('is Russian by default and English on demand: %s', async (name) => {
    expectRefusal(await ask(REFUSALS[name]), REFUSALS[name]);
    expectRefusal(await ask(REFUSALS[name], 'ru'), REFUSALS[name]);
    expectRefusal(await ask(REFUSALS[name], 'en'), REFUSALS[name], 'en');
  });

  it.each([
    ['en-US,en;q=0.9', 'en'],
    ['EN-gb', 'en'],
    ['en, ru;q=0.5', 'en'],
    ['ru;q=0.5, en', 'en'],
    ['ru;q=0.8,en;q=0.9', 'en'],
    ['de, en;q=0.1', 'en'],
    ['ru;q=0, en;q=0.001', 'en'],
    ['en ; q=0.7 , ru ; q=0.3', 'en'],
    ['ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7', 'ru'],
    ['en;q=0.8, ru;q=0.9', 'ru'],
    ['en;q=0.5, ru', 'ru'],
    ['en;q=0', 'ru'],
    ['en;q=nonsense, ru;q=0.1', 'ru'],
    ['ru, en', 'ru'],
    ['de-DE,fr;q=0.5', 'ru'],
    ['*', 'ru'],
    ['', 'ru'],
    [';;;,,,q=', 'ru'],
    ['english', 'ru'],
  ] as const)('for the header %j is %s', async (header, language) => {
    const reply = await ask(REFUSALS.badRequest, header);
    expectRefusal(reply, REFUSALS.badRequest, language);
    expect(reply.headers['content-language']).toBe(language);
    expect(reply.headers.vary?.toLowerCase()).toContain('accept-language');
  });
});
