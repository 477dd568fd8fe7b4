import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import type { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { json, type RawReply, send } from '../../support/http/raw-http.js';
import { expectRefusal, REFUSALS } from '../../support/http/refusals.js';
import { startTestService, type TestService } from '../../support/http/test-service.js';

describe('a withdrawal', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });

  afterAll(() => service.stop());

  const withdraw = (who: Customer, order: string, sum: string | number): Promise<RawReply> =>
    send(
      service.url,
      'POST /api/user/balance/withdraw',
      json(`{"order":${JSON.stringify(order)},"sum":${sum}}`, { authorization: who.authorization }),
    );

  it('moves points from current to withdrawn, for an order that was never uploaded', async () => {
    const customer = await service.customerWith('729.98');
    const reply = await withdraw(customer, '2377225624', '29.98');
    expect([reply.status, reply.text]).toEqual([200, '']);
    expect(await customer.balance()).toEqual({ current: 700, withdrawn: 29.98 });
    expect(await customer.withdrawals()).toMatchObject([{ order: '2377225624', sum: 29.98 }]);
    expect(await customer.order('2377225624')).toBeUndefined();
  });

  it('may take everything, and then nothing more', async () => {
    const customer = await service.customerWith('500.5');
    expectRefusal(await withdraw(customer, freshNumber(), '500.51'), REFUSALS.lowBalance);
    expect((await withdraw(customer, freshNumber(), '500.5')).status).toBe(200);
    expectRefusal(await withdraw(customer, freshNumber(), '0.01'), REFUSALS.lowBalance);
    expect(await customer.balance()).toEqual({ current: 0, withdrawn: 500.5 });
  });

  it('is 402 for somebody who never earned anything', async () => {
    expectRefusal(await withdraw(await service.customer(), freshNumber(), 1), REFUSALS.lowBalance);
  });

  it('repeated is 200 and charges once', async () => {
    const customer = await service.customerWith('100');
    const order = freshNumber();
    for (let i = 0; i < 3; i++) expect((await withdraw(customer, order, 30)).status).toBe(200);
    expect((await withdraw(customer, ` ${order}\n`, 30)).status).toBe(200);
    expect(await customer.balance()).toEqual({ current: 70, withdrawn: 30 });
    expect(await customer.withdrawals()).toHaveLength(1);
  });

  it('with another sum is 409, smaller or larger', async () => {
    const customer = await service.customerWith('100');
    const order = freshNumber();
    await withdraw(customer, order, 30);
    for (const sum of ['29.99', '30.01', '71', '1e12']) {
      expectRefusal(await withdraw(customer, order, sum), REFUSALS.paidOtherwise, 'ru', sum);
    }
    expect(await customer.balance()).toEqual({ current: 70, withdrawn: 30 });
  });

  it('of a number that another user paid is 409, with the same sum too', async () => {
    const [first, second] = [await service.customerWith('100'), await service.customerWith('100')];
    const order = freshNumber();
    expect((await withdraw(first, order, 30)).status).toBe(200);
    for (const sum of [30, 31])
      expectRefusal(await withdraw(second, order, sum), REFUSALS.paidOtherwise);
    expect(await second.balance()).toEqual({ current: 100, withdrawn: 0 });
    expect(await second.withdrawals()).toEqual([]);
  });

  it('that was refused for want of points may be made later', async () => {
    const customer = await service.customer();
    const order = freshNumber();
    expectRefusal(await withdraw(customer, order, 10), REFUSALS.lowBalance);
    await customer.earn('10', service.accrual);
    expect((await withdraw(customer, order, 10)).status).toBe(200);
  });

  it('is not compared with uploads, whoever uploaded what', async () => {
    const [customer, other] = [await service.customerWith('100'), await service.customer()];
    const [own, others, later] = [freshNumber(), freshNumber(), freshNumber()];
    await customer.upload(own);
    await other.upload(others);
    for (const order of [own, others, later])
      expect((await withdraw(customer, order, 10)).status).toBe(200);
    expect((await other.upload(later)).status).toBe(202);
    expect(await customer.balance()).toEqual({ current: 70, withdrawn: 30 });
  });

  it('does not stop an uploaded number from earning, nor the other way round', async () => {
    const customer = await service.customerWith('100');
    const earned = await customer.earn('50', service.accrual);
    expect((await withdraw(customer, earned, 50)).status).toBe(200);
    expect(await customer.balance()).toEqual({ current: 100, withdrawn: 50 });
  });

  it('keeps leading zeros, and trims white space', async () => {
    const customer = await service.customerWith('100');
    const order = freshNumber();
    expect((await withdraw(customer, order, 1)).status).toBe(200);
    expect((await withdraw(customer, `0${order}`, 2)).status).toBe(200);
    expect((await withdraw(customer, `\t00${order} `, 3)).status).toBe(200);
    expect((await customer.withdrawals()).map((each) => each.order)).toEqual([
      `00${order}`,
      `0${order}`,
      order,
    ]);
  });

  it('takes a number of a thousand digits and not of one more', async () => {
    const customer = await service.customerWith('100');
    const longest = OrderNumber.withCheckDigit(freshNumber().padEnd(999, '3')).value;
    expect((await withdraw(customer, longest, 1)).status).toBe(200);
    expectRefusal(await withdraw(customer, `0${longest}`, 1), REFUSALS.wrongOrder);
    expect((await customer.withdrawals())[0]?.order).toBe(longest);
  });

  it.each(['12345678901', 'abc', '-18', '18.0', '１８', '1 8'])(
    'refuses the number %j',
    async (order) => {
      const customer = await service.customer();
      expectRefusal(await withdraw(customer, order, 1), REFUSALS.wrongOrder);
    },
  );
});
