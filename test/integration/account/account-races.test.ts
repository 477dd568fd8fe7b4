import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CountedWithdrawals } from '../../support/fakes/in-memory-books.js';
import { type Credit, CreditPoints } from '../../../src/account/application/credit-points.js';
import {
  WithdrawalCommits,
  WithdrawPoints,
} from '../../../src/account/application/withdraw-points.js';
import { SqlAccountRepository } from '../../../src/account/infrastructure/sql-account-repository.js';
import { OrderPaidOtherwise } from '../../../src/account/domain/payments.js';
import type { Outcome } from '../../../src/kernel/application/batches/group-commit.js';
import { ClientDisconnected } from '../../../src/kernel/application/caller.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { CountedBatches, WAITING } from '../../support/fakes/fake-unit-of-work.js';
import { lockWaits } from '../../support/database/test-database.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { eventually } from '../../support/eventually.js';

const ids = new UuidV7Ids();

describe('accounts in a race', () => {
  let open: OpenDatabase;
  let accounts: SqlAccountRepository;
  let withdraw: WithdrawPoints;
  let credit: (credits: readonly Credit[]) => Promise<Outcome<void>[]>;

  beforeAll(async () => {
    open = await openDatabase();
    accounts = new SqlAccountRepository();
    withdraw = new WithdrawPoints(open.unitOfWork, accounts, new CountedWithdrawals());
    const creditPoints = new CreditPoints(accounts);
    credit = (credits) =>
      open.unitOfWork.run(async (transaction) => {
        const users = credits.map(({ userId }) => userId);
        const locked = await creditPoints.lock(transaction, users);
        return locked.credit(credits);
      });
  });

  afterAll(() => open.close());

  const movement = (userId: string, sum: string, number = freshNumber()) => ({
    id: ids.next(),
    userId,
    caller: WAITING,
    orderNumber: OrderNumber.parse(number),
    sum: Money.exact(sum),
  });
  const done = (outcomes: readonly object[]): number =>
    outcomes.filter((each) => 'value' in each).length;

  it('charges ten of fifty withdrawals if the balance covers ten, each a transaction', async () => {
    const ann = await open.books.user('100');
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => withdraw.execute([movement(ann, '10')])),
    );
    expect(done(outcomes.flat())).toBe(10);
    expect(await open.books.account(ann)).toBe('0.00/100.00/10');
    expect(await open.books.count('ledger_entries', `account_id = '${ann}'`)).toBe(10);
  });

  it('charges ten of fifty gathered by a group commit too', async () => {
    const ann = await open.books.user('100');
    const commits = new WithdrawalCommits(withdraw, new CountedBatches());
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => commits.submit(movement(ann, '10'))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(await open.books.account(ann)).toBe('0.00/100.00/10');
  });

  it('charges one withdrawal sent twenty times at once only once', async () => {
    const ann = await open.books.user('100');
    const number = freshNumber();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => withdraw.execute([movement(ann, '10', number)])),
    );
    expect(done(outcomes.flat())).toBe(20);
    expect(await open.books.account(ann)).toBe('90.00/10.00/1');
  });

  it('sees the payment that its lock waited for', async () => {
    const ann = await open.books.user('100');
    const number = freshNumber();
    await open.database.query('BEGIN');
    await open.database.query(
      'UPDATE gophermart.accounts SET balance = 90, withdrawn = 10, version = 1 WHERE user_id = $1',
      [ann],
    );
    open.unitOfWork.tries = 0;
    const repeated = withdraw.execute([movement(ann, '10', number)]);
    await eventually('the withdrawal waits', async () => (await lockWaits(open.database)) === 1);
    await open.database.query(
      `INSERT INTO gophermart.ledger_entries VALUES ($1, $2, 1, 'WITHDRAWAL', 10, 90, $3, now())`,
      [ids.next(), ann, number],
    );
    await open.database.query('COMMIT');
    expect(done(await repeated)).toBe(1);
    // A stale list of payments would have met the unique key, and the work been done again.
    expect(open.unitOfWork.tries).toBe(1);
    expect(await open.books.account(ann)).toBe('90.00/10.00/1');
  });

  it('charges nobody who left while it waited for the lock, and goes on with others', async () => {
    const [ann, bob] = [await open.books.user('100'), await open.books.user('100')];
    const leaving = { ...WAITING, isDisconnected: false };
    await open.database.query('BEGIN');
    await open.database.query('SELECT FROM gophermart.accounts WHERE user_id = $1 FOR UPDATE', [
      ann,
    ]);
    const batch = withdraw.execute([
      { ...movement(ann, '10'), caller: leaving },
      movement(ann, '1'),
      movement(bob, '10'),
    ]);
    await eventually('the batch waits', async () => (await lockWaits(open.database)) === 1);
    leaving.isDisconnected = true;
    await open.database.query('COMMIT');
    expect(await batch).toEqual([
      { broken: expect.any(ClientDisconnected) },
      { value: undefined },
      { value: undefined },
    ]);
    expect(await open.books.account(ann)).toBe('99.00/1.00/1');
    expect(await open.books.account(bob)).toBe('90.00/10.00/1');
  });

  it('lets one of twenty users pay a number that all pay at once', async () => {
    const users = await open.books.users(20, '100');
    const number = freshNumber();
    const outcomes = await Promise.all(
      users.map((user) => withdraw.execute([movement(user, '10', number)])),
    );
    expect(done(outcomes.flat())).toBe(1);
    expect(
      outcomes
        .flat()
        .filter((each) => 'broken' in each && each.broken instanceof OrderPaidOtherwise),
    ).toHaveLength(19);
    expect(await open.books.count('ledger_entries', `order_num = '${number}'`)).toBe(1);
  });

  it('moves the same accounts and numbers in opposite orders without a deadlock', async () => {
    const users = await open.books.users(10, '1000');
    open.unitOfWork.tries = 0;
    for (let i = 0; i < 20; i++) {
      const numbers = users.map(() => freshNumber());
      const batch = (turned: boolean) => {
        const commands = users.map((user, j) => movement(user, '1', numbers[j]));
        return turned ? commands.reverse() : commands;
      };
      await Promise.all([
        withdraw.execute(batch(false)),
        withdraw.execute(batch(true)),
        credit(batch(true)),
      ]);
    }
    expect(open.unitOfWork.tries).toBe(60);
    for (const user of users) expect(await open.books.account(user)).toBe('1000.00/20.00/40');
  });

  it('mixes credits and withdrawals without losing a kopeck', async () => {
    const ann = await open.books.user('0');
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 2 === 0 ? credit([movement(ann, '0.1')]) : withdraw.execute([movement(ann, '0.01')]),
      ),
    );
    const [sums] = await open.database.query<{ sum: string; last: string; balance: string }>(
      `SELECT sum(CASE kind WHEN 'ACCRUAL' THEN amount ELSE -amount END) AS sum,
         (SELECT balance_after FROM gophermart.ledger_entries
          WHERE account_id = $1 ORDER BY version DESC LIMIT 1) AS last,
         (SELECT balance FROM gophermart.accounts WHERE user_id = $1) AS balance
       FROM gophermart.ledger_entries WHERE account_id = $1`,
      [ann],
    );
    expect(sums?.last).toBe(sums?.sum);
    expect(sums?.balance).toBe(sums?.sum);
  });
});
