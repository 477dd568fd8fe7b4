import { describe, expect, it } from '@jest/globals';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Order } from '../domain/order.js';
import { InMemoryOrders } from './in-memory-orders.js';

describe(InMemoryOrders.name, () => {
  it('forgets the oldest beyond its capacity, one for each that comes', () => {
    const orders = new InMemoryOrders(3);
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
    const orders = new InMemoryOrders(3);
    orders.add(OrderNumber.parse('018'), new Order(0, undefined));
    expect(orders.find(OrderNumber.parse('18'))).toBeUndefined();
  });
});
