import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable } from '../../../src/kernel/application/persistence-errors.js';
import type { Transaction } from '../../../src/kernel/application/unit-of-work.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import { setForDatabase } from '../../support/database/test-database.js';

/** Lets everybody through once so many have come; later ones at once. */
function barrier(size: number): () => Promise<void> {
  let come = 0;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (++come >= size) open();
    return opened;
  };
}

describe('transactions that get in each other’s way', () => {
  let open: OpenDatabase;

  beforeAll(async () => {
    open = await openDatabase();
    await open.database.query(
      'CREATE TABLE public.counters (name text PRIMARY KEY, value integer NOT NULL)',
    );
  });

  afterAll(() => open.close());

  beforeEach(async () => {
    await open.database.query('TRUNCATE public.counters');
    await open.database.query(`INSERT INTO public.counters VALUES ('a', 0), ('b', 0)`);
  });

  const add = (transaction: Transaction, name: string): Promise<unknown> =>
    pgOf(transaction).query('UPDATE public.counters SET value = value + 1 WHERE name = $1', [name]);
  const counters = (): Promise<object[]> =>
    open.database.query('SELECT name, value FROM public.counters ORDER BY name');

  it('both succeed after a real deadlock', async () => {
    const bothHoldOne = barrier(2);
    let runs = 0;
    const crossing = (first: string, second: string): Promise<void> =>
      open.unitOfWork.run(async (transaction) => {
        runs++;
        await add(transaction, first);
        await bothHoldOne();
        await add(transaction, second);
      });
    await Promise.all([crossing('a', 'b'), crossing('b', 'a')]);
    // The one that was given up may get in the way of the other once more before that wakes up.
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(await counters()).toEqual([
      { name: 'a', value: 2 },
      { name: 'b', value: 2 },
    ]);
  });

  it('see what the other has committed, whatever isolation the database prefers', async () => {
    await setForDatabase(open.database, { default_transaction_isolation: 'serializable' });
    const other = await openDatabase(open.database);
    const bothHaveRead = barrier(2);
    const increment = (): Promise<unknown> =>
      other.unitOfWork.run(async (transaction) => {
        await pgOf(transaction).query('SELECT value FROM public.counters');
        await bothHaveRead();
        await add(transaction, 'a');
      });
    await Promise.all([increment(), increment()]);
    expect(other.unitOfWork.tries).toBe(2);
    expect(await counters()).toMatchObject([{ value: 2 }, { value: 0 }]);
    await other.close();
  });

  it('gives up a lock that is not to be had, as a database that is away', async () => {
    await open.database.query('BEGIN');
    await open.database.query(`UPDATE public.counters SET value = 9 WHERE name = 'a'`);
    const outcome = await open.unitOfWork
      .run(async (transaction) => {
        await pgOf(transaction).query(`SET LOCAL lock_timeout = '50ms'`);
        await add(transaction, 'a');
      })
      .catch((error: unknown) => error);
    await open.database.query('ROLLBACK');
    expect(outcome).toBeInstanceOf(DatabaseUnavailable);
  });
});
