import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../support/http/customer.js';
import { lockWaits } from '../../support/database/test-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { eventually } from '../../support/eventually.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('a withdrawal whose client has given up', () => {
  let slow: TestService;
  let quick: TestService;

  beforeAll(async () => {
    slow = await startTestService();
    quick = await startTestService({ database: slow.database, accrual: slow.accrual });
  });

  afterAll(async () => {
    await quick.stop();
    await slow.stop();
  });

  const pay = async (
    { url }: TestService,
    { authorization }: Customer,
    order: string,
    giveUp?: AbortSignal,
  ): Promise<number> => {
    const reply = await fetch(`${url}/api/user/balance/withdraw`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: `{"order":"${order}","sum":50}`,
      ...(giveUp && { signal: giveUp }),
    });
    return reply.status;
  };

  /** Has every batch that one service may have on its way wait for a lock. */
  async function occupy(service: TestService): Promise<() => Promise<void>> {
    const others = await Promise.all([1, 2, 3].map(() => service.customer()));
    await service.database.query('BEGIN');
    await service.database.query(
      `SELECT FROM gophermart.accounts a JOIN gophermart.users u ON u.id = a.user_id
       WHERE login = ANY($1) FOR UPDATE OF a`,
      [others.map(({ login }) => login)],
    );
    const stuck: Promise<number>[] = [];
    for (const [i, other] of others.entries()) {
      stuck.push(pay(service, other, freshNumber()));
      await eventually(
        'one more batch waits',
        async () => (await lockWaits(service.database)) === i + 1,
      );
    }
    return async () => {
      await service.database.query('ROLLBACK');
      expect(await Promise.all(stuck)).toEqual([402, 402, 402]);
    };
  }

  it('is not carried out once its retry was told 402', async () => {
    const customer = await quick.customer();
    const order = freshNumber();
    const release = await occupy(slow);
    const givingUp = new AbortController();
    const first = pay(slow, customer, order, givingUp.signal);
    await pause(200);
    givingUp.abort();
    await expect(first).rejects.toThrow();
    expect(await pay(quick, customer, order)).toBe(402);
    await customer.earn('100', quick.accrual);
    await release();
    // Behind the abandoned one in the same queue.
    expect(await pay(slow, customer, freshNumber())).toBe(200);
    expect(await customer.balance()).toEqual({ current: 50, withdrawn: 50 });
    expect(await pay(slow, customer, order)).toBe(200);
    expect(await customer.balance()).toEqual({ current: 0, withdrawn: 100 });
  });
});
