import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ImpossibleSum, Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import {
  Account,
  BalanceLimitReached,
  ImpossibleAccount,
  InsufficientFunds,
  type Movement,
} from './account.js';
import { OrderPaidOtherwise, OrderReversed, Payments } from './payments.js';

const withBalance = (balance: string): Account =>
  Account.restore({
    userId: 'ann',
    balance: Money.exact(balance),
    withdrawn: Money.exact('42'),
    version: 7n,
  });

let lastId = 0;
const movement = (order: number, sum: string): Movement => ({
  id: `entry ${++lastId}`,
  orderNumber: OrderNumber.withCheckDigit(`${order}`),
  sum: Money.exact(sum),
});

describe(Account.name, () => {
  let payments: Payments;

  beforeEach(() => {
    payments = new Payments();
  });

  it('spends points and writes it down', () => {
    const account = withBalance('500.5');
    const { id, orderNumber, sum } = movement(1, '0.51');
    account.withdraw({ id, orderNumber, sum }, payments);
    expect(account.snapshot()).toEqual({
      userId: 'ann',
      balance: Money.exact('499.99'),
      withdrawn: Money.exact('42.51'),
      version: 8n,
    });
    expect(account.newEntries).toEqual([
      {
        id,
        accountId: 'ann',
        version: 8n,
        kind: 'WITHDRAWAL',
        amount: sum,
        balanceAfter: Money.exact('499.99'),
        withdrawnAfter: Money.exact('42.51'),
        isTaken: true,
        orderNumber,
      },
    ]);
  });

  it('credits points and writes it down', () => {
    const account = withBalance('0.1');
    account.credit(movement(1, '0.2'));
    expect(account.snapshot()).toMatchObject({
      balance: Money.exact('0.3'),
      withdrawn: Money.exact('42'),
      version: 8n,
    });
    expect(account.newEntries).toMatchObject([
      {
        kind: 'ACCRUAL',
        amount: Money.exact('0.2'),
        balanceAfter: Money.exact('0.3'),
        withdrawnAfter: Money.exact('42'),
      },
    ]);
  });

  it('spends the last kopeck, but not one more', () => {
    const account = withBalance('10');
    expect(() => account.withdraw(movement(1, '10.01'), payments)).toThrow(InsufficientFunds);
    account.withdraw(movement(2, '10'), payments);
    expect(account.snapshot().balance.isZero).toBe(true);
    expect(() => account.withdraw(movement(3, '0.01'), payments)).toThrow(InsufficientFunds);
    expect(account.newEntries).toHaveLength(1);
  });

  it('charges the same withdrawal once', () => {
    const account = withBalance('20');
    account.withdraw(movement(1, '6'), payments);
    account.withdraw(movement(1, '6.00'), payments);
    expect(account.snapshot().balance).toEqual(Money.exact('14'));
    expect(account.newEntries).toHaveLength(1);
  });

  it('says that a number was paid otherwise before it says that points are missing', () => {
    const account = withBalance('10');
    account.withdraw(movement(1, '6'), payments);
    expect(() => account.withdraw(movement(1, '100'), payments)).toThrow(OrderPaidOtherwise);
    expect(() => withBalance('0').withdraw(movement(1, '0'), payments)).toThrow(ImpossibleSum);
  });

  it('refuses a failed withdrawal no second chance to be paid by somebody else', () => {
    expect(() => withBalance('1').withdraw(movement(1, '2'), payments)).toThrow(InsufficientFunds);
    const bob = Account.restore({
      userId: 'bob',
      balance: Money.exact('5'),
      withdrawn: Money.ZERO,
      version: 1n,
    });
    bob.withdraw(movement(1, '3'), payments);
    expect(bob.snapshot().balance).toEqual(Money.exact('2'));
  });

  it.each([
    [false, '10.25', '30.25'],
    [true, '20', '0'],
  ])('is adjusted (taken: %s) by %s to %s, whatever was withdrawn', (isTaken, sum, balance) => {
    const account = withBalance('20');
    account.adjust({ id: 'entry', sum: Money.exact(sum), isTaken, reason: 'a complaint' });
    expect(account.snapshot()).toMatchObject({
      balance: Money.exact(balance),
      withdrawn: Money.exact('42'),
    });
    expect(account.newEntries).toMatchObject([
      { kind: 'ADJUSTMENT', amount: Money.exact(sum), isTaken, reason: 'a complaint' },
    ]);
    expect(account.newEntries[0]).not.toHaveProperty('orderNumber');
  });

  it('is adjusted neither below zero, nor to 10¹³ points, nor by nothing', () => {
    const adjust = (sum: string, isTaken: boolean) => () =>
      withBalance('20').adjust({ id: 'entry', sum: Money.exact(sum), isTaken, reason: 'none' });
    expect(adjust('20.01', true)).toThrow(InsufficientFunds);
    expect(adjust('9999999999980', false)).toThrow(BalanceLimitReached);
    expect(adjust('0', false)).toThrow(ImpossibleSum);
  });

  it('gets back what was spent on an order, once', () => {
    const account = withBalance('20');
    const spent = { accountId: 'ann', ...movement(1, '6') };
    account.withdraw(spent, payments);
    expect(account.reverse('entry', spent, 'sent back')).toBe(true);
    expect(account.snapshot()).toMatchObject({
      balance: Money.exact('20'),
      withdrawn: Money.exact('42'),
      version: 9n,
    });
    expect(account.newEntries[1]).toMatchObject({
      kind: 'REVERSAL',
      amount: Money.exact('6'),
      isTaken: false,
      orderNumber: spent.orderNumber,
      reason: 'sent back',
    });
    expect(account.reverse('entry', { ...spent, isReversed: true }, 'sent back')).toBe(false);
    expect(account.newEntries).toHaveLength(2);
  });

  it('is not charged again for an order whose payment was given back', () => {
    const spent = { accountId: 'ann', ...movement(1, '6'), isReversed: true };
    payments = new Payments([spent]);
    const bob = Account.restore({ ...withBalance('20').snapshot(), userId: 'bob' });
    expect(() => withBalance('20').withdraw(spent, payments)).toThrow(OrderReversed);
    expect(() => bob.withdraw(spent, payments)).toThrow(OrderPaidOtherwise);
    const other = { ...spent, sum: Money.exact('7') };
    expect(() => withBalance('20').withdraw(other, payments)).toThrow(OrderPaidOtherwise);
  });

  it('is set to what its entries add up to, if that can be', () => {
    const account = withBalance('20');
    account.recount({ balance: 2_000n, withdrawn: 4_200n, version: 7n });
    expect(account.isChanged).toBe(false);
    account.recount({ balance: 1_950n, withdrawn: 4_200n, version: 8n });
    expect(account.isChanged).toBe(true);
    expect(account.newEntries).toEqual([]);
    expect(account.snapshot()).toMatchObject({ balance: Money.exact('19.5'), version: 8n });
    const sums = { balance: -1n, withdrawn: 0n, version: 1n };
    expect(() => account.recount(sums)).toThrow(ImpossibleAccount);
    expect(() => account.recount({ ...sums, balance: 10n ** 15n })).toThrow(ImpossibleAccount);
    expect(() => account.recount({ ...sums, balance: 0n, withdrawn: -1n })).toThrow(
      ImpossibleAccount,
    );
  });

  it('stays below 10¹³ points', () => {
    const account = withBalance('9999999999999.98');
    account.credit(movement(1, '0.01'));
    expect(() => account.credit(movement(2, '0.01'))).toThrow(BalanceLimitReached);
    expect(account.snapshot().balance).toEqual(Money.exact('9999999999999.99'));
    expect(account.newEntries).toHaveLength(1);
  });

  it('is the sum of its ledger, never negative, whatever is asked of it', () => {
    const step = fc.record({
      kind: fc.constantFrom('credit', 'withdraw'),
      order: fc.nat(12),
      kopecks: fc.bigInt(0n, 50_000n),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const account = Account.restore({
          userId: 'ann',
          balance: Money.ZERO,
          withdrawn: Money.ZERO,
          version: 0n,
        });
        const made = new Payments();
        for (const { kind, order, kopecks } of steps) {
          const asked = movement(order, Money.kopecks(kopecks).toString());
          try {
            if (kind === 'credit') account.credit(asked);
            else account.withdraw(asked, made);
          } catch (error) {
            expect([InsufficientFunds, OrderPaidOtherwise, ImpossibleSum]).toContain(
              (error as Error).constructor,
            );
          }
        }
        let balance = 0n;
        let withdrawn = 0n;
        account.newEntries.forEach(({ kind, amount, balanceAfter, withdrawnAfter, version }, i) => {
          balance += kind === 'ACCRUAL' ? amount.kopecks : -amount.kopecks;
          if (kind === 'WITHDRAWAL') withdrawn += amount.kopecks;
          expect(balance >= 0n).toBe(true);
          expect(balanceAfter.kopecks).toBe(balance);
          expect(withdrawnAfter.kopecks).toBe(withdrawn);
          expect(version).toBe(BigInt(i + 1));
        });
        const paid = account.newEntries
          .filter(({ kind }) => kind === 'WITHDRAWAL')
          .map(({ orderNumber }) => orderNumber?.value);
        expect(new Set(paid).size).toBe(paid.length);
        expect(account.snapshot()).toMatchObject({
          balance: Money.kopecks(balance),
          withdrawn: Money.kopecks(withdrawn),
        });
      }),
    );
  });
});
