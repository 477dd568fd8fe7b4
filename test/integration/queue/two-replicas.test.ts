import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Books } from '../../support/database/books.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { eventually, processed } from '../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

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

  it('ask for each of 200 orders once and credit it once', async () => {
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
    const asked = first.accrual.asked.map(({ number }) => number);
    expect(asked.sort()).toEqual([...numbers].sort());
    const replicas = await Promise.all(
      [first, second].map(
        async ({ url }) =>
          /cashback_settled_total\{result="settled"\} (\d+)/.exec(
            await (await fetch(`${url}/metrics`)).text(),
          )?.[1],
      ),
    );
    expect(Number(replicas[0] ?? 0) + Number(replicas[1] ?? 0)).toBe(200);
  });

  it('tell one customer one truth', async () => {
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
