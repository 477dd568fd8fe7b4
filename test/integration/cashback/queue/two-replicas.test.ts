import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from '../../../support/database/books.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import { processed } from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

describe('two replicas on one queue', () => {
  let first: TestService;
  let second: TestService;

  beforeAll(async () => {
    const settings = { cashback: { tickMs: 20, concurrency: 8 } };
    first = await startTestService({ settings });
    second = await startTestService({ settings, database: first.database, accrual: first.accrual });
  });

  afterAll(async () => {
    await second.stop();
    await first.stop();
  });

  /** What both replicas have counted together. */
  async function counted(counter: string): Promise<number> {
    let sum = 0;
    for (const { url } of [first, second]) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      sum += Number(new RegExp(`^${counter} (\\S+)$`, 'm').exec(metrics)?.[1]);
    }
    return sum;
  }

  it('send one request for each of 200 orders, and credit it once', async () => {
    first.accrual.fallback = (request, response) =>
      void response.end(processed(request.url?.replace('/api/orders/', '') ?? '', '0.1').body);
    const customers = [await first.customer(), await second.customer()] as const;
    const numbers = Array.from({ length: 200 }, freshNumber);
    const replies = await Promise.all(
      numbers.map((number, i) => customers[i % 2 === 0 ? 0 : 1].upload(number)),
    );
    expect(replies.filter(({ status }) => status !== 202)).toEqual([]);
    const books = new Books(first.database);
    await eventually('all are credited', async () => (await books.count('ledger_entries')) === 200);
    await eventually('the queue is empty', async () => (await books.count('queue')) === 0);
    for (const customer of customers)
      expect(await customer.balance()).toEqual({ current: 10, withdrawn: 0 });
    const requested = first.accrual.requests.map(({ number }) => number);
    expect(requested.sort()).toEqual([...numbers].sort());
    expect(await counted('cashback_orders_credited_total')).toBe(200);
    expect(await counted('cashback_points_credited_total')).toBeCloseTo(20, 6);
  });

  it('tell a customer the same', async () => {
    const customer = await first.customer();
    await customer.earn('100', first.accrual);
    const number = freshNumber();
    const reply = await fetch(`${second.url}/api/user/balance/withdraw`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: customer.authorization },
      body: `{"order":"${number}","sum":30}`,
    });
    expect(reply.status).toBe(200);
    expect((await customer.withdraw(number, 30)).status).toBe(200);
    expect(await customer.balance()).toEqual({ current: 70, withdrawn: 30 });
  });
});
