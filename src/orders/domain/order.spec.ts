import { describe, expect, it } from '@jest/globals';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { mayFollow, Order, OrderIsFinal, OrderOfAnotherUser, type OrderStatus } from './order.js';

const STATUSES: readonly OrderStatus[] = ['NEW', 'PROCESSING', 'INVALID', 'PROCESSED'];

const ALLOWED = new Set([
  'NEW → PROCESSING',
  'NEW → INVALID',
  'NEW → PROCESSED',
  'PROCESSING → PROCESSING',
  'PROCESSING → INVALID',
  'PROCESSING → PROCESSED',
]);

describe('the states of an order', () => {
  it.each(
    STATUSES.flatMap((from) =>
      STATUSES.map((to) => [from, to, ALLOWED.has(`${from} → ${to}`)] as const),
    ),
  )('%s → %s: %s', (from, to, allowed) => {
    expect(mayFollow(from, to)).toBe(allowed);
  });
});

const NUMBER = OrderNumber.parse('12345678903');

const uploaded = (): Order => Order.upload('order 1', 'ann', NUMBER);
const inStatus = (status: OrderStatus): Order =>
  Order.restore({
    id: 'order 1',
    userId: 'ann',
    number: NUMBER,
    status,
    ...(status === 'PROCESSED' && { accrual: Money.exact('5') }),
  });

const MOVES = {
  PROCESSING: (order: Order) => order.startProcessing(),
  INVALID: (order: Order) => order.markInvalid(),
  PROCESSED: (order: Order) => order.markProcessed(Money.exact('729.98')),
};

describe(Order.name, () => {
  it('is NEW at first, without points', () => {
    expect(uploaded().snapshot()).toEqual({
      id: 'order 1',
      userId: 'ann',
      number: NUMBER,
      status: 'NEW',
    });
  });

  it('tells its uploader whether it was new', () => {
    expect(uploaded().answerUpload({ id: 'order 1', userId: 'ann' })).toBe('accepted');
    expect(uploaded().answerUpload({ id: 'order 2', userId: 'ann' })).toBe('already-uploaded');
  });

  it('tells nobody else that it is theirs', () => {
    expect(() => uploaded().answerUpload({ id: 'order 2', userId: 'bob' })).toThrow(
      OrderOfAnotherUser,
    );
    expect(() => uploaded().answerUpload({ id: 'order 1', userId: 'bob' })).toThrow(
      OrderOfAnotherUser,
    );
  });

  it.each(['NEW', 'PROCESSING'] as const)('leaves %s for any answer', (from) => {
    for (const [to, move] of Object.entries(MOVES)) {
      const order = inStatus(from);
      move(order);
      expect(order.snapshot().status).toBe(to);
    }
  });

  it.each(['INVALID', 'PROCESSED'] as const)(
    'refuses to leave %s, and keeps what it was',
    (from) => {
      for (const move of Object.values(MOVES)) {
        const order = inStatus(from);
        const before = order.snapshot();
        expect(() => move(order)).toThrow(OrderIsFinal);
        expect(order.snapshot()).toEqual(before);
      }
    },
  );

  it('keeps the points it was awarded', () => {
    const order = uploaded();
    order.markProcessed(Money.exact('729.98'));
    expect(order.snapshot()).toMatchObject({ status: 'PROCESSED', accrual: Money.exact('729.98') });
  });

  it('has no accrual where zero was awarded', () => {
    const order = uploaded();
    order.markProcessed(Money.ZERO);
    expect(order.snapshot().accrual).toBeUndefined();
  });
});
