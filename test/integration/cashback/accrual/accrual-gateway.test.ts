import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AccrualGateway, RequestAborted } from '../../../../src/cashback/application/ports.js';
import type { AccrualReply } from '../../../../src/cashback/domain/task.js';
import { HttpAccrualGateway } from '../../../../src/cashback/infrastructure/http-accrual-gateway.js';
import { Money } from '../../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../../src/kernel/domain/order-number.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import { processed } from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

/** Far longer than a reply takes on a busy machine. */
const TIMEOUT_MS = 1_500;

describe(HttpAccrualGateway.name, () => {
  let service: TestService;
  let gateway: AccrualGateway;
  const timers: NodeJS.Timeout[] = [];

  beforeAll(async () => {
    // The gateway as the service wires it, without a worker that sends requests by itself.
    service = await startTestService({
      settings: { cashback: { enabled: false, timeoutMs: TIMEOUT_MS } },
    });
    gateway = service.app.get(AccrualGateway, { strict: false });
  });

  afterAll(() => service.stop());

  afterEach(() => timers.splice(0).forEach((timer) => clearInterval(timer)));

  const request = (number: string): Promise<AccrualReply> =>
    gateway.request(OrderNumber.parse(number));

  async function requestScripted(
    script: (number: string, response: ServerResponse) => void,
  ): Promise<AccrualReply> {
    const number = freshNumber();
    service.accrual.script(number, (_, response) => script(number, response));
    return request(number);
  }

  it('requests the number as it was uploaded', async () => {
    const longest = OrderNumber.withCheckDigit(`00${'7'.repeat(997)}`).value;
    service.accrual.script(longest, processed(longest, '729.975'));
    await expect(request(longest)).resolves.toEqual({
      kind: 'processed',
      accrual: Money.exact('729.98'),
    });
    expect(service.accrual.requests.at(-1)?.number).toBe(longest);
  });

  it('passes on the pause and the limit of a 429', async () => {
    const number = freshNumber();
    const body = 'No more than 60 requests per minute allowed';
    service.accrual.script(number, { status: 429, headers: { 'Retry-After': '7' }, body });
    await expect(request(number)).resolves.toEqual({
      kind: 'limited',
      pauseMs: 7_000,
      ratePerMinute: 60,
    });
    service.accrual.script(number, { status: 429 });
    await expect(request(number)).resolves.toEqual({
      kind: 'limited',
      pauseMs: 1_000,
      ratePerMinute: undefined,
    });
  });

  it('takes the date of Retry-After by the clock of the reply', async () => {
    const number = freshNumber();
    const headers = {
      Date: 'Fri, 02 Jan 2099 03:04:05 GMT',
      'Retry-After': 'Fri, 02 Jan 2099 03:04:35 GMT',
    };
    service.accrual.script(number, { status: 429, headers });
    await expect(request(number)).resolves.toMatchObject({ kind: 'limited', pauseMs: 30_000 });
  });

  it('reads no more of a reply of 100 MB than the limit', async () => {
    let sent = 0;
    let closed = false;
    const reply = await requestScripted((_, response) => {
      const chunk = Buffer.alloc(65_536, ' ');
      const send = (): void => {
        while (sent < 100 * 1024 * 1024 && !closed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', send);
        }
        response.end();
      };
      response.once('close', () => (closed = true));
      response.writeHead(200);
      send();
    });
    expect(reply).toMatchObject({
      kind: 'fault',
      reason: expect.stringContaining('exceeds 65536 bytes'),
    });
    await eventually('the connection is closed', () => closed);
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  it('does not rely on Content-Length', async () => {
    const reply = await requestScripted((_, response) => {
      response.writeHead(200, { 'Content-Length': '9999999999' }).write('{');
      timers.push(setInterval(() => response.destroy(), 2_000));
    });
    expect(reply).toMatchObject({
      kind: 'fault',
      reason: expect.stringContaining(`no reply within ${TIMEOUT_MS} ms`),
    });
  });

  it('gives up a reply that comes byte by byte when the time-out is over', async () => {
    let closed = false;
    const reply = await requestScripted((_, response) => {
      response.once('close', () => (closed = true));
      response.writeHead(200);
      timers.push(setInterval(() => response.write(' '), 50));
    });
    expect(reply).toMatchObject({
      kind: 'fault',
      reason: expect.stringContaining(`no reply within ${TIMEOUT_MS} ms`),
    });
    await eventually('the connection is closed', () => closed);
  });

  it('gives up when there is no reply at all', async () => {
    await expect(requestScripted(() => undefined)).resolves.toMatchObject({ kind: 'fault' });
  });

  it.each([301, 302, 303, 307, 308])('never follows a redirect: %d', async (status) => {
    const elsewhere = freshNumber();
    const reply = await requestScripted((_, response) =>
      response
        .writeHead(status, { Location: `${service.accrual.url}/api/orders/${elsewhere}` })
        .end(),
    );
    expect(reply).toEqual({ kind: 'fault', reason: `status ${status}` });
    expect(service.accrual.requests.map(({ number }) => number)).not.toContain(elsewhere);
  });

  it('takes a connection dropped before or in the middle of the reply for a fault', async () => {
    await expect(requestScripted((_, response) => response.destroy())).resolves.toMatchObject({
      kind: 'fault',
    });
    const half = await requestScripted((number, response) => {
      response
        .writeHead(200)
        .write(`{"order":"${number}","status":"PROCESSED","accrual":5`, () => response.destroy());
    });
    expect(half).toMatchObject({ kind: 'fault', reason: expect.stringMatching(/./) });
  });

  it('takes what is no HTTP at all for a fault', async () => {
    await expect(
      requestScripted((_, response) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n')),
    ).resolves.toMatchObject({
      kind: 'fault',
    });
  });

  it('takes a header of a megabyte for a fault', async () => {
    await expect(
      requestScripted((_, response) =>
        response.writeHead(200, { 'X-Long': 'x'.repeat(1_000_000) }).end(),
      ),
    ).resolves.toMatchObject({
      kind: 'fault',
    });
  });

  it('unpacks nothing', async () => {
    const reply = await requestScripted((number, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(processed(number, 5).body),
    );
    // The bytes are plain, whatever the header says.
    expect(reply).toEqual({ kind: 'processed', accrual: Money.exact('5') });
  });

  it('aborts all requests when it is told to, and sends new ones afterwards', async () => {
    const numbers = [freshNumber(), freshNumber()];
    for (const number of numbers)
      service.accrual.script(number, () => undefined, processed(number, 5));
    const requests = Promise.allSettled(numbers.map(request));
    await eventually('both requests arrived', () =>
      numbers.every((number) => service.accrual.requests.some((each) => each.number === number)),
    );
    gateway.abortAll();
    expect(await requests).toMatchObject([
      { reason: expect.any(RequestAborted) },
      { reason: expect.any(RequestAborted) },
    ]);
    await expect(request(numbers[0] ?? '')).resolves.toMatchObject({ kind: 'processed' });
  });

  it('works again after all of that', async () => {
    const number = freshNumber();
    service.accrual.script(number, processed(number, '0.01'));
    await expect(request(number)).resolves.toEqual({
      kind: 'processed',
      accrual: Money.exact('0.01'),
    });
  });
});
