import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AccrualGateway } from '../../../../src/cashback/application/ports.js';
import type { AccrualReply } from '../../../../src/cashback/domain/task.js';
import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';
import { Trace } from '../../../../src/kernel/domain/trace.js';
import { eventually } from '../../../support/eventually.js';
import { calculating, processed } from '../../../support/fakes/scripted-accrual.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

describe('with ACCRUAL_REGISTER', () => {
  let service: TestService;
  let number: string;

  beforeAll(async () => {
    service = await startTestService({
      settings: { cashback: { register: true, enabled: false, timeoutMs: 600 } },
    });
  });

  beforeEach(() => {
    number = freshNumber();
    service.accrual.registrations.length = 0;
  });

  afterAll(() => service.stop());

  const request = (trace?: Trace): Promise<AccrualReply> =>
    service.app.get(AccrualGateway, { strict: false }).request(OrderNumber.parse(number), trace);

  it.each([202, 409])(
    'a number that is unknown is posted, and asked about later: %i',
    async (status) => {
      service.accrual.registrationReplies.push({ status });
      await expect(request()).resolves.toEqual({ kind: 'unknown' });
      expect(service.accrual.registrations).toEqual([
        { path: '/api/orders', body: `{"order":"${number}","goods":[]}` },
      ]);
    },
  );

  it('the trace of the upload goes on, by a span of its own for each request', async () => {
    const [id, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    service.accrual.registrationReplies.push({ status: 202 });
    await request(Trace.read(`00-${id}-${span}-01`));
    const sent = [service.accrual.requests.at(-1), service.accrual.registrations.at(-1)].map(
      (each) => String(each?.traceparent),
    );
    for (const each of sent) {
      expect(Trace.read(each)).toBeDefined();
      expect(each.replace(/(?<=^.{36}).{16}/, '…')).toBe(`00-${id}-…-01`);
    }
    expect(new Set([span, ...sent.map((each) => each.slice(36, 52))]).size).toBe(3);
  });

  it('a number that is known is not posted', async () => {
    service.accrual.script(number, calculating(number, 'REGISTERED'));
    await expect(request()).resolves.toEqual({ kind: 'calculating' });
    expect(service.accrual.registrations).toEqual([]);
  });

  it('a limit of registrations pauses all requests, and another answer is a fault', async () => {
    const headers = { 'Retry-After': '7' };
    service.accrual.registrationReplies.push({ status: 429, headers }, { status: 500 });
    await expect(request()).resolves.toMatchObject({ kind: 'limited', pauseMs: 7_000 });
    const reason = 'status 500 of the registration';
    await expect(request()).resolves.toEqual({ kind: 'fault', reason });
  });

  it('both requests together take no longer than the time-out', async () => {
    service.accrual.script(number, (_, response) => {
      setTimeout(() => response.writeHead(204).end(), 400);
    });
    service.accrual.registrationReplies.push({ status: 202, afterMs: 400 });
    await expect(request()).resolves.toMatchObject({
      kind: 'fault',
      reason: expect.stringMatching(/^no reply within \d+ ms$/) as unknown,
    });
  });

  it('an order earns its points after that', async () => {
    const working = await startTestService({
      settings: { cashback: { register: true, tickMs: 20 } },
    });
    const customer = await working.customer();
    working.accrual.registrationReplies.push({ status: 202 });
    working.accrual.script(number, { status: 204 }, processed(number, 5));
    await customer.upload(number);
    await eventually('credited', async () => (await customer.balance()).current === 5);
    expect(working.accrual.registrations).toHaveLength(1);
    await working.stop();
  });
});

describe('without ACCRUAL_REGISTER', () => {
  it('nothing is posted', async () => {
    const service = await startTestService({ settings: { cashback: { enabled: false } } });
    const gateway = service.app.get(AccrualGateway, { strict: false });
    const number = OrderNumber.parse(freshNumber());
    await expect(gateway.request(number)).resolves.toEqual({ kind: 'unknown' });
    expect(service.accrual.registrations).toEqual([]);
    await service.stop();
  });
});
