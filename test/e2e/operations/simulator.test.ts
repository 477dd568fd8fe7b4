import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../support/fakes/fake-clock.js';
import { request } from 'node:http';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import {
  type RunningSimulator,
  type SimulatorOptions,
  startSimulator,
} from '../../../src/simulator/index.js';

const NUMBER = '12345678903';
const BORK = '{"match":"Bork","reward":10,"reward_type":"%"}';
const order = (number: string, ...goods: [description: string, price: string][]): string => {
  const listed = goods.map(([text, price]) => `{"description":"${text}","price":${price}}`);
  return `{"order":"${number}","goods":[${listed.join()}]}`;
};

let running: RunningSimulator | undefined;
let clock: FakeClock;

afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(options: Partial<SimulatorOptions> = {}): Promise<void> {
  clock = new FakeClock();
  running = await startSimulator({ host: '127.0.0.1', port: 0, clock, ...options });
}

function get(path: string): Promise<Response> {
  return fetch(`${running?.url}${path}`);
}

async function post(path: string, body: string, type = 'application/json'): Promise<number> {
  const reply = await fetch(`${running?.url}${path}`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': type },
  });
  await reply.text();
  return reply.status;
}

async function bodyAfter(passed: number, number = NUMBER): Promise<string> {
  clock.advance(passed);
  return (await get(`/api/orders/${number}`)).text();
}

describe('the accrual simulator', () => {
  it('calculates an order: REGISTERED, PROCESSING, PROCESSED with an exact award', async () => {
    await start();
    expect(await post('/api/goods', '{"match":"LG","reward":5,"reward_type":"%"}')).toBe(200);
    expect(await post('/api/goods', '{"match":"Coca-Cola","reward":12.5,"reward_type":"pt"}')).toBe(
      200,
    );
    expect(
      await post(
        '/api/orders',
        order(NUMBER, ['Телевизор LG', '14599.50'], ['Coca-Cola', '55'], ['Чай', '1']),
      ),
    ).toBe(202);
    expect(await bodyAfter(0)).toBe(`{"order":"${NUMBER}","status":"REGISTERED"}`);
    expect(await bodyAfter(200)).toBe(`{"order":"${NUMBER}","status":"PROCESSING"}`);
    expect(await bodyAfter(400)).toBe(
      `{"order":"${NUMBER}","status":"PROCESSED","accrual":742.48}`,
    );
    const reply = await get(`/api/orders/${NUMBER}`);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
  });

  it('refuses an order without a rewarded good, and leaves a zero award out', async () => {
    await start({ calculationMs: 0 });
    await post('/api/goods', BORK);
    await post('/api/orders', order(NUMBER, ['Чайник Tefal', '7000']));
    await post('/api/orders', order('18', ['Bork', '0.01']));
    expect(await bodyAfter(0)).toBe(`{"order":"${NUMBER}","status":"INVALID"}`);
    expect(await bodyAfter(0, '18')).toBe('{"order":"18","status":"PROCESSED"}');
  });

  it('answers 409 to a known match and a known order', async () => {
    await start();
    expect([await post('/api/goods', BORK), await post('/api/goods', BORK)]).toEqual([200, 409]);
    const bork = order(NUMBER, ['Bork', '7000']);
    expect([await post('/api/orders', bork), await post('/api/orders', bork)]).toEqual([202, 409]);
  });

  it('answers 400 to a bad form and says what is wrong', async () => {
    await start();
    const reply = await fetch(`${running?.url}/api/orders`, {
      method: 'POST',
      body: order('12345678901', ['Bork', '1']),
    });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toEqual({
      code: 400,
      message: 'order: the check digit of the order number is wrong',
    });
    for (const body of [
      '',
      '{',
      '[]',
      '{"match":"","reward":1,"reward_type":"%"}',
      '['.repeat(60_000),
    ]) {
      expect([body.slice(0, 20), await post('/api/goods', body)]).toEqual([body.slice(0, 20), 400]);
      expect([body.slice(0, 20), await post('/api/orders', body)]).toEqual([
        body.slice(0, 20),
        400,
      ]);
    }
    await post('/api/goods', '{"match":"all","reward":100,"reward_type":"%"}');
    expect(await post('/api/orders', order(NUMBER, ['all', '5e12'], ['all', '5e12']))).toBe(400);
    expect(await post('/api/goods', BORK, 'no type at all')).toBe(400);
    expect(await post('/api/goods', BORK, 'text/plain')).toBe(200);
  });

  it('answers 413 to a body over 64 KiB, 404 to an unknown call, 400 to a broken URL', async () => {
    await start();
    expect(
      await post('/api/goods', `{"match":"${'x'.repeat(65_536)}","reward":10,"reward_type":"%"}`),
    ).toBe(413);
    expect(await post('/api/nothing', BORK)).toBe(404);
    expect((await get('/api/orders')).status).toBe(404);
    expect(await (await get('/api/orders/%zz')).json()).toMatchObject({ code: 400 });
  });

  it('answers 204, without a body, for what is not registered', async () => {
    await start();
    for (const number of [NUMBER, '12345678901', 'abc', '1'.repeat(1001), '%00']) {
      const reply = await get(`/api/orders/${number}`);
      expect([reply.status, await reply.text(), reply.headers.get('content-type')]).toEqual([
        204,
        '',
        null,
      ]);
    }
  });

  it('knows numbers of a thousand digits and those with leading zeros', async () => {
    await start({ calculationMs: 0 });
    await post('/api/goods', BORK);
    for (const number of [OrderNumber.withCheckDigit('7'.repeat(999)).value, '0018']) {
      expect(await post('/api/orders', order(number, ['Bork', '100']))).toBe(202);
      expect(await bodyAfter(0, number)).toBe(
        `{"order":"${number}","status":"PROCESSED","accrual":10}`,
      );
    }
    expect((await get('/api/orders/18')).status).toBe(204);
  });

  it('awards points to unknown orders where told to, by way of the same statuses', async () => {
    await start({ rewardUnknown: true });
    expect(await bodyAfter(0)).toBe(`{"order":"${NUMBER}","status":"REGISTERED"}`);
    expect(await bodyAfter(599)).toBe(`{"order":"${NUMBER}","status":"PROCESSING"}`);
    expect(await bodyAfter(1)).toMatch(
      /^\{"order":"12345678903","status":"PROCESSED","accrual":[1-9]\d{2,3}(\.5)?\}$/,
    );
    expect((await get('/api/orders/12345678901')).status).toBe(204);
  });

  it('limits requests for orders, and only those, to so many a minute', async () => {
    await start({ ratePerMinute: 2 });
    await get(`/api/orders/${NUMBER}`);
    await get(`/api/orders/${NUMBER}`);
    clock.advance(20_000);
    const refused = await get(`/api/orders/${NUMBER}`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(refused.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await refused.text()).toBe('No more than 2 requests per minute allowed');
    expect(await post('/api/goods', BORK)).toBe(200);
    expect((await get('/api/order')).status).toBe(200);
    clock.advance(40_000);
    expect((await get(`/api/orders/${NUMBER}`)).status).toBe(204);
  });

  it('issues new valid numbers', async () => {
    await start();
    const reply = await get('/api/order');
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain/);
    const number = await reply.text();
    expect(OrderNumber.parse(number).value).toBe(number);
    expect(await (await get('/api/order')).text()).not.toBe(number);
    expect(running?.issueOrderNumber()).toMatch(/^\d{15}$/);
    expect(await post('/api/orders', order(number, ['Bork', '1']))).toBe(202);
  });

  it('awards points to a number it issued, and to no other', async () => {
    await start();
    const issued = await (await get('/api/order')).text();
    expect(await bodyAfter(0, issued)).toBe(`{"order":"${issued}","status":"REGISTERED"}`);
    expect(await bodyAfter(600, issued)).toMatch(/"status":"PROCESSED","accrual":[1-9]\d{2,3}/);
    expect((await get(`/api/orders/${NUMBER}`)).status).toBe(204);
  });

  it('answers shares of order requests by errors and cut connections, and no others', async () => {
    let drawn = 0;
    await start({ errorShare: 0.25, dropShare: 0.25, random: () => (drawn++ % 4) / 4 });
    const met = [];
    for (let i = 0; i < 8; i++) {
      const reply = await get(`/api/orders/${NUMBER}`).catch(() => undefined);
      met.push(reply?.status ?? 'cut');
    }
    expect(met).toEqual(['cut', 500, 204, 204, 'cut', 500, 204, 204]);
    for (let i = 0; i < 4; i++) expect((await get('/api/order')).status).toBe(200);
  });

  it('delays replies for as long as told', async () => {
    await start({ delayMs: { min: 30, max: 60 }, random: () => 0.5 });
    const asked = performance.now();
    expect((await get(`/api/orders/${NUMBER}`)).status).toBe(204);
    expect(performance.now() - asked).toBeGreaterThan(40);
  });

  it('closes at once, however long a reply is delayed', async () => {
    const heldBack = new Promise<void>((resolve) => {
      const drawDelay = (): number => {
        resolve();
        return 0;
      };
      void start({ delayMs: { min: 600_000, max: 600_001 }, random: drawDelay }).then(() =>
        request(`${running?.url}/api/orders/${NUMBER}`)
          .on('error', () => undefined)
          .end(),
      );
    });
    await heldBack;
    await expect(running?.close()).resolves.toBeUndefined();
  });

  it('says why it cannot listen', async () => {
    await start();
    const port = Number(new URL(running?.url ?? '').port);
    await expect(startSimulator({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('listens on every interface', async () => {
    await start({ host: '::' });
    const port = new URL(running?.url ?? '').port;
    expect(running?.url).toBe(`http://localhost:${port}`);
    expect((await fetch(`http://127.0.0.1:${port}/api/order`)).status).toBe(200);
  });
});
