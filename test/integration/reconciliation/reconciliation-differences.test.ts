import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DIFFERENCE_KINDS } from '../../../src/reconciliation/domain/difference.js';
import { CorruptibleBooks, corruptions } from '../../support/corruptions/corruptible-books.js';
import { concerned, STRANGE_NUMBER } from '../../support/corruptions/corruption.js';
import { sample } from '../../support/corruptions/sample-books.js';
import { reconcile } from '../../support/database/reconciliation.js';
import {
  createTestDatabase,
  tamper,
  type TestDatabase,
} from '../../support/database/test-database.js';

const ACCOUNTS = 60;
const SEED = 7;

describe('the reconciliation of books without constraints', () => {
  let database: TestDatabase;
  let books: CorruptibleBooks;

  beforeAll(async () => {
    database = await createTestDatabase();
    books = await CorruptibleBooks.generate((text) => database.query(text), ACCOUNTS, SEED);
  });

  afterAll(() => database.drop());

  afterEach(() => books.restore());

  /** Always the same rows. The torture of the reconciliation draws others. */
  const planted = corruptions(ACCOUNTS, () => 0.5);

  it('finds nothing in sound books', async () => {
    const { exitCode, differences, summary } = await reconcile(database.uri);
    expect([exitCode, differences]).toEqual([0, []]);
    expect(summary).toMatch(
      /^The books agree: 60 accounts, 540 entries, 300 orders, 18 tasks; [\d.]+ accrued, /,
    );
  });

  it.each(planted.map((corruption) => [corruption.name, corruption] as const))(
    'finds %s, and nothing else',
    async (_, corruption) => {
      await books.plant(corruption);
      const { exitCode, differences: all } = await reconcile(database.uri);
      const differences = concerned(corruption, all);
      expect(differences.map((line) => line.split(':')[0]).sort()).toEqual(
        [...corruption.finds].sort(),
      );
      for (const line of differences)
        expect(corruption.names.filter((name) => line.includes(name))).not.toEqual([]);
      expect(exitCode).toBe(1);
    },
  );

  it('is tried with every kind of difference', () => {
    expect(
      DIFFERENCE_KINDS.filter((kind) => !planted.some(({ finds }) => finds.includes(kind))),
    ).toEqual([]);
  });

  it('names both sums, to the kopeck', async () => {
    const id = sample.account(16);
    const [account] = await database.query<{ balance: string; withdrawn: string; accrual: string }>(
      `SELECT balance, withdrawn, accrual
       FROM gophermart.accounts JOIN gophermart.orders USING (user_id)
       WHERE user_id = $1 AND num = $2`,
      [id, sample.number(16, 2)],
    );
    const { balance = '', accrual = '' } = account ?? {};
    await database.query(
      `UPDATE gophermart.accounts SET balance = balance + 0.5 WHERE user_id = $1`,
      [id],
    );
    await tamper(
      database,
      `UPDATE gophermart.orders SET accrual = accrual + 1 WHERE num = '${sample.number(16, 2)}'`,
    );
    const { differences } = await reconcile(database.uri);
    expect(differences).toEqual([
      `account-balance: account ${id}: balance ${more(balance, 50)}, ` +
        `its entries add up to ${balance}`,
      `account-last-entry: account ${id}: balance ${more(balance, 50)}, ` +
        `its last entry ${sample.entry(16, 10)} (version 10) leaves ${balance}`,
      `accrual-sum: order ${sample.number(16, 2)} of user ${id}: ` +
        `accrual ${more(accrual, 100)}, but entry ${sample.entry(16, 3)} credits ${accrual}`,
      `event-of-order: order ${sample.number(16, 2)} of user ${id}: ` +
        `PROCESSED with an accrual of ${more(accrual, 100)}, ` +
        `its events of user ${id} come to ` +
        `{"order":"${sample.number(16, 2)}","status":"PROCESSED","accrual":"${accrual}"}`,
    ]);
  });

  it('prints for programs, too: an object a line, the summary last', async () => {
    const [id, order] = [sample.account(10), sample.extraOrder(10)];
    await database.query(`DELETE FROM gophermart.queue WHERE order_id = $1`, [order]);
    const { exitCode, differences, summary } = await reconcile(database.uri, { json: true });
    expect(exitCode).toBe(1);
    expect(differences.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        kind: 'order-without-task',
        sentence:
          `order ${sample.extraNumber(10)} of user ${id}: NEW, ` +
          'but no task asks for its points',
        number: sample.extraNumber(10),
        user: id,
        status: 'NEW',
      },
    ]);
    expect(JSON.parse(summary)).toMatchObject({
      agree: false,
      differences: 1,
      kinds: { 'order-without-task': 1 },
      accounts: '60',
      tasks: '17',
      balances: expect.stringMatching(/^\d+\.\d\d$/),
    });
  });

  it('names every one of thousands, and counts them', async () => {
    await database.query(`
      INSERT INTO gophermart.ledger_entries
        (id, account_id, version, kind, amount, balance_after, order_num, at)
      SELECT gen_random_uuid(), '${sample.account(9)}', i, 'ACCRUAL', 1, 0,
        '${STRANGE_NUMBER}' || i, now()
      FROM generate_series(1, 2500) i`);
    const { differences, summary } = await reconcile(database.uri);
    const strange = differences.filter((line) => line.startsWith('accrual-without-order: '));
    expect(new Set(strange.map((line) => /entry (\S+)/.exec(line)?.[1])).size).toBe(2_500);
    expect(summary).toMatch(
      /^5002 differences \(account-balance 1, account-version 1, entry-balance 2500, accrual-without-order 2500\) in 60 accounts, 3040 entries,/,
    );
  });
});

/** `text` and so many kopecks. */
function more(text: string, kopecks: number): string {
  const sum = (BigInt(text.replace('.', '')) + BigInt(kopecks)).toString().padStart(3, '0');
  return `${sum.slice(0, -2)}.${sum.slice(-2)}`;
}
