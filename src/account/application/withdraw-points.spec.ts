import { beforeEach, describe, expect, it } from '@jest/globals';
import { CountedWithdrawals } from '../../../test/support/fakes/in-memory-books.js';
import {
  deferred,
  FakeUnitOfWork,
  GONE,
  WAITING,
} from '../../../test/support/fakes/fake-unit-of-work.js';
import { ClientDisconnected } from '../../kernel/application/caller.js';
import { StaleState } from '../../kernel/application/persistence-errors.js';
import type { Transaction } from '../../kernel/application/unit-of-work.js';
import { Money } from '../../kernel/domain/money.js';
import { OrderNumber } from '../../kernel/domain/order-number.js';
import { Account, InsufficientFunds } from '../domain/account.js';
import { Payments } from '../domain/payments.js';
import { AccountRepository, Accounts } from './ports.js';
import { WithdrawPoints, type Withdrawal } from './withdraw-points.js';

/** One account with 100 points, locked when the database says so. */
class OneAccount extends AccountRepository {
  readonly stored: string[] = [];
  locked = Promise.resolve();

  open(): void {
    throw new Error('nobody registers here');
  }

  setBlocked(): Promise<void> {
    throw new Error('nobody is blocked here');
  }

  async lock(): Promise<Accounts> {
    await this.locked;
    const state = {
      userId: 'ann',
      balance: Money.exact('100'),
      withdrawn: Money.ZERO,
      version: 0n,
    };
    return new Accounts([Account.restore(state)]);
  }

  payments(): Promise<Payments> {
    return Promise.resolve(new Payments());
  }

  entry(): Promise<undefined> {
    throw new Error('nobody corrects here');
  }

  sums(): Promise<never> {
    throw new Error('nobody recounts here');
  }

  save(transaction: Transaction, { changed }: Accounts): void {
    const ids = changed.flatMap(({ newEntries }) => newEntries.map(({ id }) => id));
    transaction.afterCommit(deferred(ids), (stored) => this.stored.push(...stored));
  }
}

describe(WithdrawPoints.name, () => {
  let account: OneAccount;
  let withdrawPoints: WithdrawPoints;
  let counted: CountedWithdrawals;

  beforeEach(() => {
    account = new OneAccount();
    counted = new CountedWithdrawals();
    withdrawPoints = new WithdrawPoints(new FakeUnitOfWork(), account, counted);
  });

  const withdrawal = (id: string, sum: string, caller = WAITING): Withdrawal => ({
    id,
    userId: 'ann',
    orderNumber: OrderNumber.withCheckDigit(`1000${id}`),
    sum: Money.exact(sum),
    caller,
  });

  it('charges a batch one after another, each on its own merits', async () => {
    const outcomes = await withdrawPoints.execute([
      withdrawal('1', '60'),
      withdrawal('2', '60'),
      withdrawal('3', '40'),
    ]);
    expect(outcomes).toEqual([
      { value: undefined },
      { broken: expect.any(InsufficientFunds) },
      { value: undefined },
    ]);
    expect(account.stored).toEqual(['1', '3']);
    expect(counted.sums).toEqual(['60', '40']);
  });

  it('counts once what comes again', async () => {
    const again = { ...withdrawal('1', '60'), id: '2' };
    await withdrawPoints.execute([withdrawal('1', '60'), again]);
    expect(counted.sums).toEqual(['60']);
  });

  it('charges no caller who is disconnected, and everybody else in the batch', async () => {
    const outcomes = await withdrawPoints.execute([
      withdrawal('1', '60', GONE),
      withdrawal('2', '60'),
    ]);
    expect(outcomes).toEqual([{ broken: expect.any(ClientDisconnected) }, { value: undefined }]);
    expect(account.stored).toEqual(['2']);
  });

  it('charges no caller whose disconnect is read after the lock, in the same turn', async () => {
    const caller = { ...WAITING };
    account.locked = new Promise((resolve) => {
      setImmediate(resolve);
      setImmediate(() => (caller.isDisconnected = true));
    });
    const batch = [withdrawal('1', '60', caller), withdrawal('2', '60')];
    await expect(withdrawPoints.execute(batch)).rejects.toThrow(StaleState);
    expect(account.stored).toEqual([]);
    // The unit of work would do it again by itself.
    await expect(withdrawPoints.execute(batch)).resolves.toEqual([
      { broken: expect.any(ClientDisconnected) },
      { value: undefined },
    ]);
    expect(account.stored).toEqual(['2']);
  });

  it('charges no caller who was told meanwhile that it takes too long', async () => {
    const batch = [withdrawal('1', '60'), withdrawal('2', '60')];
    let isAwaited = true;
    account.locked = new Promise((resolve) => setImmediate(resolve)).then(() => {
      setImmediate(() => (isAwaited = false));
    });
    const execute = () => withdrawPoints.execute(batch, (place) => place !== 0 || isAwaited);
    await expect(execute()).rejects.toThrow(StaleState);
    await expect(execute()).resolves.toEqual([
      { broken: expect.any(ClientDisconnected) },
      { value: undefined },
    ]);
    expect(account.stored).toEqual(['2']);
  });
});
