import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CountedWithdrawals } from '../../support/fakes/in-memory-books.js';
import { CorrectPoints } from '../../../src/account/application/correct-points.js';
import { WithdrawPoints } from '../../../src/account/application/withdraw-points.js';
import { OrderReversed } from '../../../src/account/domain/payments.js';
import { SqlAccountRepository } from '../../../src/account/infrastructure/sql-account-repository.js';
import {
  AdjustPoints,
  type PointsAdjustment,
  RecountAccount,
  ReverseWithdrawal,
} from '../../../src/customers/application/correct-customer.js';
import { SqlOperatorActions } from '../../../src/journal/infrastructure/sql-operator-actions.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { reconcile } from '../../support/database/reconciliation.js';
import { tamper } from '../../support/database/test-database.js';
import { WAITING } from '../../support/fakes/fake-unit-of-work.js';
import { freshNumber } from '../../support/http/order-numbers.js';

const ids = new UuidV7Ids();

describe('what operators correct', () => {
  let open: OpenDatabase;
  let withdraw: WithdrawPoints;
  let adjust: AdjustPoints;
  let reverse: ReverseWithdrawal;
  let recount: RecountAccount;

  beforeAll(async () => {
    open = await openDatabase();
    const accounts = new SqlAccountRepository();
    const points = new CorrectPoints(accounts);
    const actions = new SqlOperatorActions();
    withdraw = new WithdrawPoints(open.unitOfWork, accounts, new CountedWithdrawals());
    adjust = new AdjustPoints(open.unitOfWork, points, actions);
    reverse = new ReverseWithdrawal(open.unitOfWork, points, actions, ids);
    recount = new RecountAccount(open.unitOfWork, points, actions);
  });

  afterAll(() => open.close());

  const adjustment = (userId: string, sum: string, key: string): PointsAdjustment => ({
    userId,
    sum: Money.exact(sum.replace('-', '')),
    isTaken: sum.startsWith('-'),
    key,
    reason: 'a complaint',
    by: 'ann',
    note: 'ticket 7',
  });

  const spend = async (userId: string, number: string, sum: string): Promise<unknown> => {
    const orderNumber = OrderNumber.parse(number);
    const withdrawal = { id: ids.next(), userId, orderNumber, sum: Money.exact(sum) };
    const [outcome] = await withdraw.execute([{ ...withdrawal, caller: WAITING }]);
    return outcome && 'broken' in outcome ? outcome.broken : 'spent';
  };

  const giveBack = (number: string) =>
    reverse.execute(OrderNumber.parse(number), { by: 'ann', reason: 'sent back' });

  /** A customer whose points are in the ledger. */
  const customer = async (points: string): Promise<string> => {
    const userId = await open.books.user();
    await adjust.execute(adjustment(userId, points, `the first points of ${userId}`));
    return userId;
  };

  const actionsOn = (userId: string): Promise<{ data: string }[]> =>
    open.database.query(
      `SELECT data FROM gophermart.events WHERE type = 'operator_action' AND subject = $1
       ORDER BY position`,
      [userId],
    );

  const expectSoundBooks = async (): Promise<void> => {
    expect((await reconcile(open.database.uri)).differences).toEqual([]);
  };

  it('is adjusted once for a key, which stands for one customer and one sum', async () => {
    const [ann, bob] = [await customer('10'), await customer('10')];
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => adjust.execute(adjustment(ann, '-2.5', 'key 1'))),
    );
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await open.books.account(ann)).toBe('7.50/0.00/2');
    for (const other of [
      adjustment(ann, '2.5', 'key 1'),
      adjustment(ann, '-2.6', 'key 1'),
      adjustment(bob, '-2.5', 'key 1'),
    ])
      await expect(adjust.execute(other)).rejects.toMatchObject({ name: 'CorrectionRefused' });
    expect(await open.books.account(bob)).toBe('10.00/0.00/1');
    const [, action] = await actionsOn(ann);
    expect(JSON.parse(action?.data ?? '')).toEqual({
      action: 'customer adjust',
      by: 'ann',
      target: ann,
      note: 'ticket 7',
    });
    await expectSoundBooks();
  });

  it('uses one key of two customers at once for one of them', async () => {
    const users = [await customer('10'), await customer('10')];
    const outcomes = await Promise.allSettled(
      users.map((user) => adjust.execute(adjustment(user, '1', 'key 2'))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'CorrectionRefused' },
    });
  });

  it('takes no more than there is, beside withdrawals', async () => {
    const ann = await customer('100');
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, i) =>
        adjust.execute(adjustment(ann, '-10', `key 3 ${i}`)).then(() => 'spent'),
      ),
      ...Array.from({ length: 10 }, () => spend(ann, freshNumber(), '10')),
    ]);
    const done = outcomes.filter((each) => 'value' in each && each.value === 'spent');
    expect(done).toHaveLength(10);
    expect(await open.books.account(ann)).toMatch(/^0\.00\/\d+\.00\/11$/);
    await expectSoundBooks();
  });

  it('gives a withdrawal back once, and the number stays used', async () => {
    const [ann, bob] = [await customer('10'), await customer('10')];
    const number = freshNumber();
    expect(await spend(ann, number, '4')).toBe('spent');
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => giveBack(number)));
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await open.books.account(ann)).toBe('10.00/0.00/3');
    expect(await spend(ann, number, '4')).toBeInstanceOf(OrderReversed);
    expect(await spend(ann, number, '5')).toMatchObject({ code: 'order-paid-otherwise' });
    expect(await spend(bob, number, '4')).toMatchObject({ code: 'order-paid-otherwise' });
    expect(await actionsOn(ann)).toHaveLength(2);
    await expect(giveBack(freshNumber())).rejects.toMatchObject({ name: 'CorrectionRefused' });
    await expectSoundBooks();
  });

  it('brings a reversal and the same withdrawal into one order', async () => {
    const ann = await customer('10');
    for (let i = 0; i < 10; i++) {
      const number = freshNumber();
      await spend(ann, number, '10');
      const [, ...again] = await Promise.all([
        giveBack(number),
        spend(ann, number, '10'),
        spend(ann, number, '10'),
      ]);
      for (const each of again)
        expect(each === 'spent' || each instanceof OrderReversed).toBe(true);
      expect(await spend(ann, number, '10')).toBeInstanceOf(OrderReversed);
    }
    expect(await open.books.account(ann)).toBe('10.00/0.00/21');
    await expectSoundBooks();
  });

  it('sets an account to its entries, and goes on from there', async () => {
    const ann = await customer('10');
    await spend(ann, freshNumber(), '4');
    expect(await recount.execute(ann, { by: 'ann' })).toMatchObject({ isNew: false });
    await tamper(
      open.database,
      `UPDATE gophermart.accounts SET balance = 999, withdrawn = 3, version = 1
       WHERE user_id = '${ann}'`,
    );
    const { before, isNew } = await recount.execute(ann, { by: 'ann', note: 'seen at night' });
    expect([before.balance.toFixed(), before.withdrawn.toFixed(), isNew]).toEqual([
      '999.00',
      '3.00',
      true,
    ]);
    expect(await open.books.account(ann)).toBe('6.00/4.00/2');
    expect(await spend(ann, freshNumber(), '6')).toBe('spent');
    const [, action] = await actionsOn(ann);
    expect(JSON.parse(action?.data ?? '')).toMatchObject({ balance: '6.00', withdrawn: '4.00' });
    await expectSoundBooks();
  });

  it('has its entries put right where a wrong balance was built upon', async () => {
    const ann = await customer('10');
    const [reversed, kept] = [freshNumber(), freshNumber()];
    await spend(ann, reversed, '4');
    await tamper(
      open.database,
      `UPDATE gophermart.accounts SET balance = 999, withdrawn = 8 WHERE user_id = '${ann}'`,
    );
    await giveBack(reversed);
    await spend(ann, kept, '2');
    await recount.execute(ann, { by: 'ann' });
    await adjust.execute(adjustment(ann, '-1', 'after a recount'));
    expect((await reconcile(open.database.uri)).differences).not.toEqual([]);
    const script = readFileSync('ops/postgres/running-sums.sql', 'utf8');
    // What psql does with it.
    await open.database.query(
      script.replace(/^\\set .*$/m, '').replaceAll(":'account'", `'${ann}'`),
    );
    expect(await open.books.account(ann)).toBe('7.00/2.00/5');
    await expectSoundBooks();
  });

  it('adds up no entry of a kind that a later version has', async () => {
    const ann = await customer('10');
    await open.database.query(`ALTER TYPE gophermart.entry_kind ADD VALUE 'FEE'`);
    await open.database.query(
      `INSERT INTO gophermart.ledger_entries
         (id, account_id, version, kind, amount, order_num, balance_after, withdrawn_after, at)
       VALUES ($1, $2, 2, 'FEE', 1, $3, 9, 0, now())`,
      [ids.next(), ann, freshNumber()],
    );
    await expect(recount.execute(ann, { by: 'ann' })).rejects.toThrow('NaN');
    expect(await open.books.account(ann)).toBe('10.00/0.00/1');
  });
});
