import { describe, expect, it } from '@jest/globals';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { OrderPaidOtherwise, type Payment, Payments } from './payments.js';

const payment = (accountId: string, sum: string, order = '12345678903'): Payment => ({
  accountId,
  orderNumber: OrderNumber.parse(order),
  sum: Money.exact(sum),
});

describe(Payments.name, () => {
  it('includes what was loaded and what was recorded, and nothing else', () => {
    const payments = new Payments([payment('ann', '5')]);
    payments.record(payment('bob', '7', '2377225624'));
    expect(payments.include(payment('ann', '5.00'))).toBe(true);
    expect(payments.include(payment('bob', '7', '2377225624'))).toBe(true);
    expect(payments.include(payment('ann', '5', '9278923470'))).toBe(false);
  });

  it.each([
    ['another sum', payment('ann', '5.01')],
    ['another user', payment('bob', '5')],
  ])('refuses the same number with %s', (_, other) => {
    expect(() => new Payments([payment('ann', '5')]).include(other)).toThrow(OrderPaidOtherwise);
  });
});
