import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Payments } from '../../../src/account/domain/payments.js';
import { SqlAccountRepository } from '../../../src/account/infrastructure/sql-account-repository.js';
import { StaleState } from '../../../src/kernel/application/persistence-errors.js';
import type { Transaction } from '../../../src/kernel/application/unit-of-work.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { Task } from '../../../src/cashback/domain/task.js';
import { SqlQueueRepository } from '../../../src/cashback/infrastructure/sql-queue-repository.js';
import { Order } from '../../../src/orders/domain/order.js';
import { SqlOrderRepository } from '../../../src/orders/infrastructure/sql-order-repository.js';
import { Money } from '../../../src/kernel/domain/money.js';
import { OrderNumber } from '../../../src/kernel/domain/order-number.js';
import { UuidV7Ids } from '../../../src/platform/system.js';
import { EVEN_SHARES } from '../../support/fakes/in-memory-queue.js';
import { lockWaits } from '../../support/database/test-database.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { eventually } from '../../support/eventually.js';

const ids = new UuidV7Ids();
const KEYS = 11;
const MIDDLE = 5;

/**
 * Two batches over the same keys, one of them turned round, meet a third transaction that holds the
 * key in the middle. Whoever does not go by the keys' order holds by then what the other one is
 * still to ask for, and the release of the middle is a deadlock.
 */
describe('the one order of locks', () => {
  let open: OpenDatabase;

  beforeAll(async () => {
    open = await openDatabase();
  });

  afterAll(() => open.close());

  async function meet(
    keys: readonly string[],
    hold: (middle: string) => Promise<unknown>,
    take: (transaction: Transaction, keys: readonly string[]) => Promise<unknown>,
  ): Promise<number> {
    let runs = 0;
    const batch = (own: readonly string[]): Promise<unknown> =>
      open.unitOfWork.run((transaction) => {
        runs++;
        return take(transaction, own);
      });
    await open.database.query('BEGIN');
    await hold(keys[MIDDLE] ?? '');
    const batches = Promise.all([batch(keys), batch([...keys].reverse())]);
    await eventually('both batches wait', async () => (await lockWaits(open.database)) >= 2);
    await open.database.query('ROLLBACK');
    await batches;
    return runs;
  }

  /** A deadlock would have been resolved by running one of the two again. */
  async function expectNoDeadlock(
    prepare: () => Promise<readonly string[]>,
    hold: (middle: string) => Promise<unknown>,
    take: (transaction: Transaction, keys: readonly string[]) => Promise<unknown>,
  ): Promise<void> {
    for (let round = 0; round < 4; round++) expect(await meet(await prepare(), hold, take)).toBe(2);
  }

  const numbers = (): Promise<string[]> =>
    Promise.resolve(Array.from({ length: KEYS }, freshNumber).sort());

  it('holds for new orders', async () => {
    const user = await open.books.user();
    const orders = new SqlOrderRepository();
    await expectNoDeadlock(
      numbers,
      (number) => open.books.order(user, { number }),
      (transaction, list) => {
        const uploads = list.map((number) =>
          Order.upload(ids.next(), user, OrderNumber.parse(number)),
        );
        return Promise.resolve(orders.add(transaction, uploads));
      },
    );
  });

  it('holds for ledger entries', async () => {
    const accounts = new SqlAccountRepository();
    const [ann, bob, cat] = [
      await open.books.user('1000'),
      await open.books.user('1000'),
      await open.books.user('1000'),
    ];
    const deadlocks: unknown[] = [];
    /** The one who comes second meets the unique key: stale state, and no deadlock. */
    const pay = async (
      transaction: Transaction,
      payer: string,
      list: readonly string[],
    ): Promise<void> => {
      const locked = await accounts.lock(transaction, [payer]);
      for (const number of list) {
        const movement = {
          id: ids.next(),
          orderNumber: OrderNumber.parse(number),
          sum: Money.exact('1'),
        };
        locked.of(payer).withdraw(movement, new Payments());
      }
      accounts.save(transaction, locked);
      await pgOf(transaction)
        .query('SELECT')
        .catch((error: unknown) => {
          if ((error as { code?: string }).code === '40P01') deadlocks.push(error);
          throw error;
        });
    };
    for (let round = 0; round < 4; round++) {
      const keys = await numbers();
      const outcomes = meet(
        keys,
        (number) =>
          open.database.query(
            `INSERT INTO gophermart.ledger_entries
             VALUES ($1, $2, 1, 'WITHDRAWAL', 1, 1, $3, now())`,
            [ids.next(), cat, number],
          ),
        (transaction, list) => pay(transaction, list[0] === keys[0] ? ann : bob, list),
      );
      await expect(outcomes).rejects.toThrow(StaleState);
      expect(deadlocks).toEqual([]);
    }
  });

  it('holds for accounts', async () => {
    const accounts = new SqlAccountRepository();
    await expectNoDeadlock(
      () => open.books.users(KEYS),
      (id) =>
        open.database.query('SELECT 1 FROM gophermart.accounts WHERE user_id = $1 FOR UPDATE', [
          id,
        ]),
      (transaction, list) => accounts.lock(transaction, list),
    );
  });

  it('holds for orders', async () => {
    const user = await open.books.user();
    const orders = new SqlOrderRepository();
    await expectNoDeadlock(
      () => inTurn(() => open.books.order(user)),
      (id) => open.database.query('SELECT 1 FROM gophermart.orders WHERE id = $1 FOR UPDATE', [id]),
      (transaction, list) => orders.lock(transaction, list),
    );
  });

  it('holds for tasks', async () => {
    const user = await open.books.user();
    const queue = new SqlQueueRepository(open.unitOfWork);
    const rules = { maxTries: 3, spacing: { minMs: 1, maxMs: 1 } };
    const resolutions = new Map<string, ReturnType<Task['postponed']>>();
    await expectNoDeadlock(
      async () => {
        await inTurn(() => open.books.task(user));
        const claimed = await queue.claim(KEYS, EVEN_SHARES, 60_000);
        for (const task of claimed)
          resolutions.set(task.orderId, new Task(task, rules).postponed(0));
        return claimed.map(({ orderId }) => orderId).sort();
      },
      (id) =>
        open.database.query('SELECT 1 FROM gophermart.queue WHERE order_id = $1 FOR UPDATE', [id]),
      (transaction, list) =>
        queue.lockOwn(
          transaction,
          list.flatMap((id) => resolutions.get(id) ?? []),
        ),
    );
  });

  /** One after another: they share a connection. */
  async function inTurn(make: () => Promise<string>): Promise<string[]> {
    const made: string[] = [];
    while (made.length < KEYS) made.push(await make());
    return made;
  }
});
