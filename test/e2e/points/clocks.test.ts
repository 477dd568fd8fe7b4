import { describe, expect, it } from '@jest/globals';
import { HeldClock } from '../../support/fakes/fake-clock.js';
import type { ShownOrder } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { startTestService } from '../../support/http/test-service.js';

const numbersOf = (orders: readonly ShownOrder[]): string[] => orders.map(({ number }) => number);

describe('a list of several replicas', () => {
  it('has the same order whatever the clocks of the replicas say', async () => {
    const service = await startTestService();
    const { database, accrual } = service;
    const replica = await startTestService({ database, accrual });
    try {
      // Less than the hour that makes tokens of others be of the future.
      new HeldClock(replica).advance(-3_000_000);
      const here = await service.customerWith('100');
      const there = here.at(replica.url);
      const uploaded = numbersOf(await here.orders());
      const paid: string[] = [];
      for (const [i, customer] of [here, there, here, there].entries()) {
        uploaded.unshift(freshNumber());
        expect((await customer.upload(uploaded[0] ?? '')).status).toBe(202);
        paid.unshift(freshNumber());
        expect((await customer.withdraw(paid[0] ?? '', i + 1)).status).toBe(200);
      }
      for (const customer of [here, there]) {
        const [orders, withdrawals] = [await customer.orders(), await customer.withdrawals()];
        expect(numbersOf(orders)).toEqual(uploaded);
        expect(withdrawals.map(({ order }) => order)).toEqual(paid);
        for (const times of [
          orders.map(({ uploaded_at }) => uploaded_at),
          withdrawals.map(({ processed_at }) => processed_at),
        ])
          expect(times).toEqual([...times].sort().reverse());
      }
    } finally {
      await replica.stop();
      await service.stop();
    }
  });
});
