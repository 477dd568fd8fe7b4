import { describe, expect, it } from '@jest/globals';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Order, Orders, welcomeAward } from './order.js';

const award = Money.exact('729.98');

describe(Order.name, () => {
  it.each([
    [0, 'REGISTERED'],
    [199, 'REGISTERED'],
    [200, 'PROCESSING'],
    [599, 'PROCESSING'],
    [600, 'PROCESSED'],
    [1e12, 'PROCESSED'],
  ])('is, %d ms after its registration, %s', (age, status) => {
    expect(new Order(5_000, award).calculationAt(5_000 + age, 600).status).toBe(status);
  });

  it('shows its award only when it is final', () => {
    const order = new Order(0, award);
    expect(order.calculationAt(599, 600)).toEqual({ status: 'PROCESSING' });
    expect(order.calculationAt(600, 600)).toEqual({ status: 'PROCESSED', accrual: award });
  });

  it('is refused where no good earned a reward', () => {
    const order = new Order(0, undefined);
    expect(order.calculationAt(0, 600)).toEqual({ status: 'REGISTERED' });
    expect(order.calculationAt(600, 600)).toEqual({ status: 'INVALID' });
  });

  it('is processed without an accrual where the award is zero', () => {
    expect(new Order(0, Money.ZERO).calculationAt(600, 600)).toEqual({ status: 'PROCESSED' });
  });

  it('is final at once where calculation takes no time', () => {
    expect(new Order(7, award).calculationAt(7, 0).status).toBe('PROCESSED');
  });
});

describe(welcomeAward.name, () => {
  it('is between 100 and 1000 points in halves, the same for the same number', () => {
    for (const text of ['0', '18', '1800', '1801', '12345678903', '9278923470', '9'.repeat(1000)]) {
      const given = welcomeAward(OrderNumber.restore(text));
      expect(
        given.kopecks >= 10_000n && given.kopecks <= 100_000n && given.kopecks % 50n === 0n,
      ).toBe(true);
      expect(welcomeAward(OrderNumber.restore(text)).equals(given)).toBe(true);
    }
  });
});

describe(Orders.name, () => {
  it('forgets the oldest beyond its capacity, one for each new one', () => {
    const orders = new Orders(3);
    const numbers = Array.from({ length: 1000 }, (_, i) => OrderNumber.withCheckDigit(`${i}`));
    const remembered = numbers.map((number) => {
      orders.add(number, new Order(0, undefined));
      return numbers.filter((each) => orders.find(each)).map(({ value }) => value);
    });
    remembered.forEach((each, i) =>
      expect(each).toEqual(numbers.slice(Math.max(0, i - 2), i + 1).map(({ value }) => value)),
    );
  });

  it('keeps numbers with leading zeros apart', () => {
    const orders = new Orders(3);
    orders.add(OrderNumber.parse('018'), new Order(0, undefined));
    expect(orders.find(OrderNumber.parse('18'))).toBeUndefined();
  });
});
