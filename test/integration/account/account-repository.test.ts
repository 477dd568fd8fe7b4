import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CountedWithdrawals } from '../../support/fakes/in-memory-books.js';
import { WithdrawPoints } from '../../../src/account/application/withdraw-points.js';
import { CreditPoints } from '../../../src/account/application/credit-points.js';
import { Payments } from '../../../src/account/domain/payments.js';
import { SqlAccountRepository } from '../../../src/account/infrastructure/sql-account-repository.js';
import { StaleState } from '../../../src/kernel/application/persistence-errors.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { WAITING } from '../../support/fakes/fake-unit-of-work.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';

const ids = new UuidV7Ids();

const movement = (sum: string, number = freshNumber()) => ({
  id: ids.next(),
  orderNumber: OrderNumber.parse(number),
  sum: Money.exact(sum),
});

async function now({ database }: OpenDatabase): Promise<string> {
  const [row] = await database.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
  return row?.now ?? '';
}

describe(SqlAccountRepository.name, () => {
  let open: OpenDatabase;
  let accounts: SqlAccountRepository;
  let ann: string;

  beforeAll(async () => {
    open = await openDatabase();
    accounts = new SqlAccountRepository();
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    ann = await open.books.user('100.50');
  });

  it('opens an account once', async () => {
    await open.unitOfWork.run((transaction) => {
      accounts.open(transaction, [ann, ann]);
      return Promise.resolve();
    });
    expect(await open.books.account(ann)).toBe('100.50/0.00/0');
  });

  it('moves the points of a customer who has withdrawn more than any single sum', async () => {
    const rich = await open.books.user('9999999999999.97');
    for (let i = 0; i < 3; i++) {
      await open.unitOfWork.run(async (transaction) => {
        const locked = await accounts.lock(transaction, [rich, ann]);
        locked.of(rich).withdraw(movement('9999999999999.97'), new Payments());
        locked.of(rich).credit(movement('9999999999999.97'));
        locked.of(ann).withdraw(movement('1'), new Payments());
        accounts.save(transaction, locked);
      });
    }
    expect(await open.books.account(rich)).toBe('9999999999999.97/29999999999999.91/6');
    expect(await open.books.account(ann)).toBe('97.50/3.00/3');
  });

  it('stores a batch of movements by two statements, balances and ledger alike', async () => {
    const bob = await open.books.user('1');
    const number = freshNumber();
    await open.unitOfWork.run(async (transaction) => {
      const locked = await accounts.lock(transaction, [bob, ann, ann]);
      locked.of(ann).withdraw(movement('0.51', number), new Payments());
      locked.of(ann).credit(movement('10'));
      locked.of(bob).withdraw(movement('1'), new Payments());
      open.unitOfWork.statements = 0;
      accounts.save(transaction, locked);
    });
    expect(open.unitOfWork.statements).toBe(2);
    expect(await open.books.account(ann)).toBe('109.99/0.51/2');
    expect(await open.books.account(bob)).toBe('0.00/1.00/1');
    expect(
      await open.database.query(
        `SELECT kind, amount, balance_after, withdrawn_after, version
         FROM gophermart.ledger_entries WHERE account_id = $1 ORDER BY version`,
        [ann],
      ),
    ).toEqual([
      {
        kind: 'WITHDRAWAL',
        amount: '0.51',
        balance_after: '99.99',
        withdrawn_after: '0.51',
        version: '1',
      },
      {
        kind: 'ACCRUAL',
        amount: '10.00',
        balance_after: '109.99',
        withdrawn_after: '0.51',
        version: '2',
      },
    ]);
  });

  it('dates a batch with one moment of the database, and never before the last entry', async () => {
    const times = async (): Promise<string[]> => {
      const rows = await open.database.query<{ at: string }>(
        `SELECT at::text FROM gophermart.ledger_entries WHERE account_id = $1 ORDER BY version`,
        [ann],
      );
      return rows.map(({ at }) => at);
    };
    const pay = new WithdrawPoints(open.unitOfWork, accounts, new CountedWithdrawals());
    const batch = [1, 2, 3].map(() => ({ ...movement('1'), userId: ann, caller: WAITING }));
    const before = await now(open);
    await pay.execute(batch);
    const [first = '', ...others] = await times();
    expect(others).toEqual([first, first]);
    expect(before <= first && first <= (await now(open))).toBe(true);
    // An entry that was stored before the database's clock was set back by an hour.
    await open.database.query(
      `WITH last AS (
         UPDATE gophermart.accounts SET balance = balance - 1, withdrawn = 4, version = 4
         WHERE user_id = $1 RETURNING balance
       )
       INSERT INTO gophermart.ledger_entries
       SELECT $2, $1, 4, 'WITHDRAWAL', 1, balance, $3, clock_timestamp() + interval '1 hour'
       FROM last`,
      [ann, ids.next(), freshNumber()],
    );
    await pay.execute([5, 6].map(() => ({ ...movement('1'), userId: ann, caller: WAITING })));
    const [fourth = '', fifth, sixth] = (await times()).slice(3);
    expect(fourth > (await now(open))).toBe(true);
    expect([fifth, sixth]).toEqual([fourth, fourth]);
  });

  it('leaves accounts alone on which nothing moved', async () => {
    await open.unitOfWork.run(async (transaction) => {
      const locked = await accounts.lock(transaction, [ann]);
      open.unitOfWork.statements = 0;
      accounts.save(transaction, locked);
    });
    expect(open.unitOfWork.statements).toBe(0);
  });

  it('charges a batch in two round trips', async () => {
    open.unitOfWork.roundTrips = 0;
    await new WithdrawPoints(open.unitOfWork, accounts, new CountedWithdrawals()).execute([
      { ...movement('1'), userId: ann, caller: WAITING },
      { ...movement('2'), userId: ann, caller: WAITING },
    ]);
    expect(open.unitOfWork.roundTrips).toBe(2);
    expect(await open.books.account(ann)).toBe('97.50/3.00/2');
  });

  it('holds its locks until the transaction ends', async () => {
    await open.unitOfWork.run(async (transaction) => {
      await accounts.lock(transaction, [ann]);
      const skipped = await open.database.query(
        'SELECT user_id FROM gophermart.accounts WHERE user_id = $1 FOR NO KEY UPDATE SKIP LOCKED',
        [ann],
      );
      expect(skipped).toEqual([]);
    });
  });

  it('shows what was paid, by whomever, and no credits', async () => {
    const number = freshNumber();
    const orderNumber = OrderNumber.parse(number);
    const payments = (): Promise<Payments> =>
      open.unitOfWork.run((transaction) => accounts.payments(transaction, [orderNumber]));
    const creditPoints = new CreditPoints(accounts);
    await open.unitOfWork.run(async (transaction) => {
      const locked = await creditPoints.lock(transaction, [ann]);
      locked.credit([{ ...movement('5', number), userId: ann }]);
    });
    expect((await payments()).include({ accountId: ann, orderNumber, sum: Money.exact('5') })).toBe(
      false,
    );
    await new WithdrawPoints(open.unitOfWork, accounts, new CountedWithdrawals()).execute([
      { ...movement('7', number), userId: ann, caller: WAITING },
    ]);
    expect((await payments()).include({ accountId: ann, orderNumber, sum: Money.exact('7') })).toBe(
      true,
    );
  });

  it('gives up stale state: somebody else paid the number in between', async () => {
    const bob = await open.books.user('100');
    const number = freshNumber();
    const pay = new WithdrawPoints(open.unitOfWork, accounts, new CountedWithdrawals());
    let runs = 0;
    const stale = open.unitOfWork.run(async (transaction) => {
      const locked = await accounts.lock(transaction, [ann]);
      const payments = await accounts.payments(transaction, [OrderNumber.parse(number)]);
      // From a connection of its own, committed before ours is stored.
      if (runs++ === 0)
        await new Promise<void>((resolve) => setImmediate(() => void paidByBob().then(resolve)));
      locked.of(ann).withdraw(movement('5', number), payments);
      accounts.save(transaction, locked);
    });
    const paidByBob = async (): Promise<void> => {
      await open.database.query(
        `WITH paid AS (
           UPDATE gophermart.accounts SET balance = 95, withdrawn = 5, version = 1
           WHERE user_id = $1
         )
         INSERT INTO gophermart.ledger_entries VALUES ($2, $1, 1, 'WITHDRAWAL', 5, 95, $3, now())`,
        [bob, ids.next(), number],
      );
    };
    await expect(stale).rejects.toMatchObject({ code: 'order-paid-otherwise' });
    // Once to meet the unique key, once more from fresh state.
    expect(runs).toBe(2);
    expect(await open.books.account(ann)).toBe('100.50/0.00/0');
    expect(await pay.execute([{ ...movement('5', number), userId: bob, caller: WAITING }])).toEqual(
      [{ value: undefined }],
    );
    expect(await open.books.account(bob)).toBe('95.00/5.00/1');
  });

  it('says so when the state stays stale', async () => {
    const number = freshNumber();
    const store = (): Promise<void> =>
      open.unitOfWork.run(async (transaction) => {
        const locked = await accounts.lock(transaction, [ann]);
        locked.of(ann).withdraw(movement('5', number), new Payments());
        accounts.save(transaction, locked);
      });
    await store();
    await expect(store()).rejects.toThrow(StaleState);
    expect(await open.books.account(ann)).toBe('95.50/5.00/1');
  });
});
