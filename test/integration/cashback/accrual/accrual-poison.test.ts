import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../../support/http/customer.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import { processed } from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

describe('orders that always fail, beside others', () => {
  let service: TestService;

  afterEach(() => service.stop());

  const creditedWithin = async (customer: Customer): Promise<number> => {
    const number = freshNumber();
    service.accrual.script(number, processed(number, 1));
    const began = Date.now();
    await customer.upload(number);
    await eventually(
      'the order is credited',
      async () => (await customer.order(number))?.status === 'PROCESSED',
    );
    return Date.now() - began;
  };

  it('delay others by less than two seconds on an idle machine, and are parked', async () => {
    service = await startTestService({ settings: { cashback: { rules: { maxTries: 2 } } } });
    service.accrual.fallback = { status: 500 };
    const customer = await service.customer();
    const live = await service.customer();
    const alone = await creditedWithin(live);
    for (let i = 0; i < 20; i++) await customer.upload(freshNumber());
    const delays: number[] = [];
    await eventually('the failing orders are parked', async () => {
      delays.push(await creditedWithin(live));
      await pause(700);
      return (
        (await service.database.query(`SELECT 1 FROM gophermart.queue WHERE status = 'FAILED'`))
          .length === 20
      );
    });
    expect(median(delays)).toBeLessThan(alone + Math.max(2_000, 5 * alone));
  });

  it('do not take all slots, though they hang', async () => {
    service = await startTestService({
      settings: { cashback: { timeoutMs: 2_000, concurrency: 16 } },
    });
    service.accrual.fallback = () => undefined;
    const customer = await service.customer();
    const live = await service.customer();
    const alone = await creditedWithin(live);
    for (let i = 0; i < 20; i++) await customer.upload(freshNumber());
    await eventually(
      'all hang for the first time',
      () => new Set(service.accrual.requests.map(({ number }) => number)).size === 20,
    );
    await creditedWithin(live);
    const delays: number[] = [];
    for (let i = 0; i < 10; i++) delays.push(await creditedWithin(live));
    expect(median(delays)).toBeLessThan(alone + Math.max(2_000, 5 * alone));
  });
});

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
