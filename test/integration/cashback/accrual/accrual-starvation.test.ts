import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { Customer } from '../../../support/http/customer.js';
import { freshNumber } from '../../../support/http/order-numbers.js';
import { eventually } from '../../../support/eventually.js';
import { processed } from '../../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../../support/http/test-service.js';

describe('numbers that the accrual system does not know', () => {
  let service: TestService;
  let customer: Customer;
  let unknown: Set<string>;

  beforeEach(async () => {
    service = await startTestService();
    customer = await service.customer();
    unknown = new Set();
    service.accrual.fallback = (request, response) =>
      answer(request.url?.replace('/api/orders/', '') ?? '', response);
  });

  afterEach(() => service.stop());

  function answer(number: string, response: ServerResponse): void {
    if (unknown.has(number)) response.writeHead(204).end();
    else response.end(processed(number, 1).body);
  }

  const fresh = (count: number): string[] => Array.from({ length: count }, freshNumber);

  async function upload(numbers: readonly string[]): Promise<void> {
    for (let i = 0; i < numbers.length; i += 50)
      await Promise.all(numbers.slice(i, i + 50).map((each) => customer.upload(each)));
  }

  async function uploadUnknown(count: number): Promise<void> {
    unknown = new Set(fresh(count));
    await upload([...unknown]);
    await eventually('a request went out for each of them', async () => {
      const fresh = await service.database.query(
        `SELECT 1 FROM gophermart.queue WHERE standing = 'FRESH'`,
      );
      return fresh.length === 0;
    });
  }

  /** How long `count` known numbers take, in milliseconds. */
  async function credit(count: number): Promise<number> {
    const { current } = await customer.balance();
    const began = Date.now();
    await upload(fresh(count));
    await eventually(
      'the known ones are credited',
      async () => (await customer.balance()).current === current + count,
    );
    return Date.now() - began;
  }

  it('delay known ones by less than a second, 500 of each', async () => {
    const alone = await credit(500);
    await uploadUnknown(500);
    // On a busy machine, where 500 take more than a second anyway: twice as long at most.
    expect(await credit(500)).toBeLessThan(alone + Math.max(1_000, alone));
  });

  it('slow known ones down to half at most under a limit', async () => {
    await uploadUnknown(200);
    await service.database.query(
      `UPDATE gophermart.accrual_gate
       SET rate_per_minute = 1800, rate_changed_at = clock_timestamp(),
         refilled_at = clock_timestamp()`,
    );
    const from = service.accrual.requests.length;
    expect(await credit(60)).toBeGreaterThan(2_000);
    // One of seven requests is for an unknown number in the long run; half is promised.
    const sent = service.accrual.requests.slice(from);
    expect(sent.filter(({ number }) => unknown.has(number)).length).toBeLessThan(60);
    expect(sent.filter(({ number }) => unknown.has(number)).length).toBeGreaterThan(0);
  });
});
