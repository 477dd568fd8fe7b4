import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

/**
 * Two replicas on one database: what a single process would line up in its own memory must hold
 * between processes too.
 */
describe('at once', () => {
  let replicas: [TestService, TestService];

  beforeAll(async () => {
    const first = await startTestService();
    replicas = [
      first,
      await startTestService({ database: first.database, accrual: first.accrual }),
    ];
  });

  afterAll(async () => {
    await replicas[1].stop();
    await replicas[0].stop();
  });

  const url = (i: number): string => replicas[i % 2 === 0 ? 0 : 1].url;
  const times = <T>(count: number, action: (i: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => action(i)));
  const withdraw = (
    i: number,
    { authorization }: Customer,
    order: string,
    sum: number,
  ): Promise<RawReply> =>
    send(
      url(i),
      'POST /api/user/balance/withdraw',
      json(`{"order":"${order}","sum":${sum}}`, { authorization }),
    );
  const upload = (i: number, { authorization }: Customer, number: string): Promise<RawReply> =>
    send(url(i), 'POST /api/user/orders', {
      headers: { 'content-type': 'text/plain', authorization },
      body: number,
    });

  it('twenty registrations of one login make one user', async () => {
    const body = JSON.stringify({ login: randomUUID(), password: 'x' });
    const replies = await times(20, (i) => send(url(i), 'POST /api/user/register', json(body)));
    expect(tally(replies)).toEqual({ 200: 1, 409: 19 });
    expect(replies.filter(({ headers }) => headers.authorization !== undefined)).toHaveLength(1);
    expect((await send(url(0), 'POST /api/user/login', json(body))).status).toBe(200);
  });

  it('two users uploading the same numbers leave each with one owner', async () => {
    const users = await times(2, () => replicas[0].customer());
    const numbers = Array.from({ length: 20 }, freshNumber);
    const outcomes = await Promise.all(
      numbers.map(async (number) => {
        const replies = await times(10, async (i) => {
          const user = users[i % 2] as Customer;
          return { user, reply: await upload(i >> 1, user, number) };
        });
        expect(tally(replies.map(({ reply }) => reply))).toEqual({ 200: 4, 202: 1, 409: 5 });
        return { number, owner: replies.find(({ reply }) => reply.status === 202)?.user };
      }),
    );
    for (const user of users) {
      const owned = outcomes.filter(({ owner }) => owner === user).map(({ number }) => number);
      expect((await user.orders()).map(({ number }) => number).sort()).toEqual(owned.sort());
    }
  });

  it('fifty withdrawals from a balance that covers ten are ten', async () => {
    const customer = await replicas[0].customerWith('105');
    const replies = await times(50, (i) => withdraw(i, customer, freshNumber(), 10));
    expect(tally(replies)).toEqual({ 200: 10, 402: 40 });
    expect(await customer.balance()).toEqual({ current: 5, withdrawn: 100 });
    expect(await customer.withdrawals()).toHaveLength(10);
  });

  it('twenty times the same withdrawal is one, and all are told so', async () => {
    const customer = await replicas[0].customerWith('105');
    const order = freshNumber();
    const replies = await times(20, (i) => withdraw(i, customer, order, 100));
    expect(tally(replies)).toEqual({ 200: 20 });
    expect(await customer.balance()).toEqual({ current: 5, withdrawn: 100 });
    expect(await customer.withdrawals()).toHaveLength(1);
  });

  it('one number with two sums is paid once', async () => {
    const customer = await replicas[0].customerWith('1000');
    const order = freshNumber();
    const replies = await times(20, (i) =>
      withdraw(i >> 1, customer, order, i % 2 === 0 ? 100 : 70),
    );
    expect(tally(replies)).toEqual({ 200: 10, 409: 10 });
    expect((await customer.balance()).withdrawn).toBe((await customer.withdrawals())[0]?.sum);
  });

  it('two users paying the same numbers leave each with one payer', async () => {
    const users = await times(2, () => replicas[0].customerWith('1000'));
    const numbers = Array.from({ length: 20 }, freshNumber);
    await Promise.all(
      numbers.map(async (number) => {
        const replies = await times(4, (i) =>
          withdraw(i >> 1, users[i % 2] as Customer, number, 10),
        );
        expect(tally(replies)).toEqual({ 200: 2, 409: 2 });
      }),
    );
    const paid = await Promise.all(users.map((user) => user.withdrawals()));
    expect(paid.flatMap((list) => list.map(({ order }) => order)).sort()).toEqual(
      [...numbers].sort(),
    );
    for (const [i, user] of users.entries()) {
      const spent = 10 * (paid[i]?.length ?? NaN);
      expect(await user.balance()).toEqual({ current: 1000 - spent, withdrawn: spent });
    }
  });

  it('earning and spending lose no kopeck', async () => {
    const customer = await replicas[0].customerWith('100');
    const [replies] = await Promise.all([
      times(30, (i) => withdraw(i, customer, freshNumber(), 0.3)),
      times(10, () => customer.earn('0.07', replicas[0].accrual)),
    ]);
    expect(tally(replies)).toEqual({ 200: 30 });
    expect(await customer.balance()).toEqual({ current: 91.7, withdrawn: 9 });
  });
});

/** How many replies had which status. */
function tally(replies: readonly RawReply[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
