import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freshNumber } from '../../support/http/order-numbers.js';
import {
  calculating,
  eventually,
  invalid,
  processed,
} from '../../support/fakes/scripted-accrual.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('the life of an order', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterAll(() => service.stop());

  it('goes from NEW through PROCESSING to PROCESSED, and its points to the balance', async () => {
    const customer = await service.customer();
    const number = freshNumber();
    service.accrual.script(
      number,
      { status: 204 },
      calculating(number, 'REGISTERED'),
      calculating(number),
      processed(number, '729.98'),
    );
    expect((await customer.upload(number)).status).toBe(202);
    expect((await customer.upload(number)).status).toBe(200);
    const seen = new Set<string | undefined>();
    await eventually('the order is processed', async () => {
      const order = await customer.order(number);
      seen.add(order?.status);
      return order?.status === 'PROCESSED';
    });
    expect([...seen]).toEqual(['NEW', 'PROCESSING', 'PROCESSED']);
    expect(await customer.order(number)).toEqual({
      number,
      status: 'PROCESSED',
      accrual: 729.98,
      uploaded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(await customer.balance()).toEqual({ current: 729.98, withdrawn: 0 });
  });

  it('ends INVALID without points', async () => {
    const customer = await service.customer();
    const number = freshNumber();
    service.accrual.script(number, invalid(number));
    await customer.upload(number);
    await eventually(
      'the order is invalid',
      async () => (await customer.order(number))?.status === 'INVALID',
    );
    expect(await customer.order(number)).not.toHaveProperty('accrual');
    expect(await customer.balance()).toEqual({ current: 0, withdrawn: 0 });
  });
});
