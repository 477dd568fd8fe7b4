import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { processed } from '../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, send, text } from '../../support/http/raw-http.js';
import { LoggedService } from './logged-service.js';

describe('the log at debug', () => {
  let service: LoggedService;
  let userId: string;

  beforeAll(async () => {
    service = await LoggedService.start({ LOG_LEVEL: 'debug' });
    ({ userId } = service);
  });

  afterAll(() => service.end());

  it('has a line for each request: who, from where, which order, which error', async () => {
    const { authorization } = service.customer;
    const upload = (body: string, id: string): Promise<unknown> =>
      send(service.url, 'POST /api/user/orders', text(body, { authorization, 'x-request-id': id }));
    await upload('12345678901', 'not-luhn');
    const withdrawal = JSON.stringify({ order: '2377225624', sum: 1 });
    await send(
      service.url,
      'POST /api/user/balance/withdraw',
      json(withdrawal, { authorization, 'x-request-id': 'too-poor' }),
    );
    await send(service.url, 'GET /api/user/balance', { headers: { 'x-request-id': 'nobody' } });
    await eventually('all is logged', () =>
      service.lines.some((line) => line['requestId'] === 'nobody'),
    );
    const requests = service
      .linesOf('request')
      .map(({ requestId, status, error, userId, address, order }) => {
        return { requestId, status, error, userId, address, order };
      });
    const address = '127.0.0.1';
    expect(requests).toEqual(
      expect.arrayContaining([
        {
          requestId: 'not-luhn',
          status: 422,
          error: 'ErrWrongOrderFormat',
          userId,
          address,
          order: '12345678901',
        },
        {
          requestId: 'too-poor',
          status: 402,
          error: 'ErrLowBalance',
          userId,
          address,
          order: '2377225624',
        },
        {
          requestId: 'nobody',
          status: 401,
          error: 'ErrUnauthenticated',
          userId: undefined,
          address,
          order: undefined,
        },
      ]),
    );
  });

  it('has the trace of a request, and of its order until the credit', async () => {
    const [number, traceId] = [freshNumber(), '4bf92f3577b34da6a3ce929d0e0e4736'];
    service.accrual.script(number, { status: 204 }, processed(number, '5'));
    const { authorization } = service.customer;
    const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
    await send(
      service.url,
      'POST /api/user/orders',
      text(number, { authorization, 'x-request-id': 'traced', traceparent }),
    );
    await eventually('it is credited', () =>
      service.linesOf('an order is credited').some(({ order }) => order === number),
    );
    const ofTrace = service.lines.filter((line) => line['traceId'] === traceId);
    expect(ofTrace).toEqual(service.lines.filter(({ order }) => order === number));
    expect(new Set(ofTrace.map(({ msg }) => msg))).toEqual(
      new Set(['request', 'the accrual system was asked', 'an order is credited']),
    );
    await send(service.url, 'GET /api/user/balance', {
      headers: { 'x-request-id': 'malformed', traceparent: `${traceparent}-extra` },
    });
    await eventually('it is logged', () =>
      service.lines.some((line) => line['requestId'] === 'malformed'),
    );
    const line = service.lines.find(({ requestId }) => requestId === 'malformed');
    expect(line).not.toHaveProperty('traceId');
  });

  it('leads from the id of an upload to its order, and from there to its points', async () => {
    const number = freshNumber();
    service.accrual.script(number, { status: 204 }, processed(number, '729.98'));
    await send(
      service.url,
      'POST /api/user/orders',
      text(number, { authorization: service.customer.authorization, 'x-request-id': 'follow-me' }),
    );
    await eventually('it is credited', () =>
      service.linesOf('an order is credited').some(({ order }) => order === number),
    );
    const upload = service.lines.find(({ requestId }) => requestId === 'follow-me');
    expect(upload).toMatchObject({ order: number, userId, status: 202 });
    const ofOrder = service.lines.filter(({ order }) => order === number);
    expect(ofOrder.map(({ msg, reply, points }) => [msg, reply ?? points])).toEqual(
      expect.arrayContaining([
        ['request', undefined],
        ['the accrual system was asked', 'unknown'],
        ['the accrual system was asked', 'processed'],
        ['an order is credited', '729.98'],
      ]),
    );
    expect(ofOrder.every((line) => line['userId'] === userId)).toBe(true);
  });
});
