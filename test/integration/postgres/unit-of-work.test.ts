import { describe, expect, it } from '@jest/globals';
import {
  DatabaseUnavailable,
  DataRejected,
  StaleState,
} from '../../../src/kernel/application/persistence-errors.js';
import { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { inOrder, type Transaction } from '../../../src/kernel/application/unit-of-work.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { Notes } from '../../support/database/notes.js';

describe(PgUnitOfWork.name, () => {
  const notes = Notes.ofSuite();

  it('commits, and only then resolves', async () => {
    const result = await notes.unitOfWork.run(async (transaction) => {
      await notes.write('a', transaction);
      expect(await notes.all()).toEqual([]);
      return 42;
    });
    expect(result).toBe(42);
    expect(await notes.all()).toEqual(['a']);
  });

  it('sends together what nobody waits in between for, and runs it in written order', async () => {
    const count = 'SELECT count(*)::integer AS notes FROM public.notes';
    notes.unitOfWork.roundTrips = 0;
    const seen = await notes.unitOfWork.run(async (transaction) => {
      const [before, , after] = await inOrder(
        pgOf(transaction).query<{ notes: number }>(count),
        notes.write('a', transaction),
        pgOf(transaction).query<{ notes: number }>(count),
      );
      notes.writeWithNext('b', transaction);
      return [before.rows, after.rows];
    });
    expect(seen).toEqual([[{ notes: 0 }], [{ notes: 1 }]]);
    expect(notes.unitOfWork.roundTrips).toBe(2);
    expect(await notes.all()).toEqual(['a', 'b']);
  });

  it('resolves with what a statement answered that travelled with the COMMIT', async () => {
    const converted: string[] = [];
    notes.unitOfWork.roundTrips = 0;
    const result = await notes.unitOfWork.run(async (transaction) => {
      const written = notes.writeWithNext('a', transaction).thenApply((rows) => {
        converted.push('converted');
        return `${rows} row`;
      });
      await notes.write('b', transaction);
      expect(converted).toEqual([]);
      return written;
    });
    expect(result).toBe('1 row');
    expect(notes.unitOfWork.roundTrips).toBe(2);
  });

  it('commits nothing when a statement fails that travels with the COMMIT', async () => {
    const failing = notes.unitOfWork.run(async (transaction) => {
      await notes.write('a', transaction);
      notes.writeWithNext(null, transaction);
    });
    await expect(failing).rejects.toThrow(DataRejected);
    expect(await notes.all()).toEqual([]);
  });

  it('asks the database for nothing when nothing was sent', async () => {
    notes.unitOfWork.roundTrips = 0;
    await expect(notes.unitOfWork.run(() => Promise.reject(new Error('fails')))).rejects.toThrow(
      'fails',
    );
    expect(notes.unitOfWork.roundTrips).toBe(0);
  });

  it('works in the transaction that was handed on, and beside it without', async () => {
    const ids = await notes.unitOfWork.run(async (transaction) => {
      const id = async (where: Pick<PgUnitOfWork, 'query'>): Promise<unknown> =>
        (await where.query('SELECT pg_current_xact_id()::text AS id')).rows[0];
      return [await id(pgOf(transaction)), await id(pgOf(transaction)), await id(notes.unitOfWork)];
    });
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[0]).not.toEqual(ids[2]);
  });

  it('refuses what comes after the end: the connection is somebody else’s by then', async () => {
    const kept: Transaction[] = [];
    await notes.unitOfWork.run(async (transaction) => {
      await notes.write('a', transaction);
      kept.push(transaction);
    });
    const failing = notes.unitOfWork.run((transaction) => {
      kept.push(transaction);
      return Promise.reject(new Error('fails'));
    });
    await expect(failing).rejects.toThrow('fails');
    for (const ended of kept) {
      await expect(notes.write('late', ended)).rejects.toThrow('the transaction has ended');
      expect(() => notes.writeWithNext('late', ended)).toThrow('the transaction has ended');
    }
    expect(await notes.all()).toEqual(['a']);
  });

  it('keeps transactions that run at once apart', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c'].map((note) =>
        notes.unitOfWork.run(async (transaction) => {
          await notes.write(note, transaction);
          if (note === 'b') throw new Error('b fails');
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await notes.all()).toEqual(['a', 'c']);
  });

  it('rolls back what fails, however deep, and says why', async () => {
    const deeper = async (transaction: Transaction): Promise<void> => {
      await notes.write('b', transaction);
      throw new TypeError('a mistake');
    };
    const failing = notes.unitOfWork.run(async (transaction) => {
      await notes.write('a', transaction);
      await deeper(transaction);
    });
    await expect(failing).rejects.toThrow(new TypeError('a mistake'));
    expect(await notes.all()).toEqual([]);
  });

  it('calls back with the value after the commit, and forgets it with a rollback', async () => {
    const called: string[] = [];
    await notes.unitOfWork.run(async (transaction) => {
      const written = notes.writeWithNext('a', transaction);
      transaction.afterCommit(written, (rows) => called.push(`committed ${rows}`));
      await notes.write('b', transaction);
      expect(called).toEqual([]);
    });
    expect(called).toEqual(['committed 1']);
    await expect(
      notes.unitOfWork.run((transaction) => {
        const written = notes.writeWithNext('c', transaction);
        transaction.afterCommit(written, () => called.push('rolled back'));
        return Promise.reject(new Error('fails'));
      }),
    ).rejects.toThrow('fails');
    expect(called).toEqual(['committed 1']);
  });

  it('takes no swallowed SQL error for success', async () => {
    let called = false;
    const swallowing = notes.unitOfWork.run(async (transaction) => {
      const written = notes.writeWithNext('a', transaction);
      transaction.afterCommit(written, () => (called = true));
      await pgOf(transaction)
        .query('SELECT 1 / 0')
        .catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('COMMIT was answered with ROLLBACK');
    expect(called).toBe(false);
    expect(await notes.all()).toEqual([]);
  });

  it('says in the kernel’s words that the database refused', async () => {
    const nothing = 'INSERT INTO public.notes VALUES (NULL)';
    await expect(notes.unitOfWork.query(nothing)).rejects.toThrow(DataRejected);
    await expect(
      notes.unitOfWork.run((transaction) => pgOf(transaction).query(nothing)),
    ).rejects.toThrow(DataRejected);
    await notes.write('a');
    await expect(notes.write('a')).rejects.toThrow(StaleState);
    await expect(notes.unitOfWork.query('SELECT nonsense')).rejects.not.toThrow(DataRejected);
  });

  it.each(['40001', '40P01'])('runs again after %s, three times at most', async (code) => {
    let runs = 0;
    const conflict = `DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '${code}'; END $$`;
    await notes.unitOfWork.run(async (transaction) => {
      await notes.write(`try ${++runs}`, transaction);
      if (runs < 3) await pgOf(transaction).query(conflict);
    });
    expect(await notes.all()).toEqual(['try 3']);
    runs = 0;
    const hopeless = notes.unitOfWork.run((transaction) => {
      runs++;
      return pgOf(transaction).query(conflict);
    });
    await expect(hopeless).rejects.toThrow(DatabaseUnavailable);
    expect(runs).toBe(3);
  });

  it('runs again from fresh state, three times at most', async () => {
    let runs = 0;
    const stale = notes.unitOfWork.run(() => {
      runs++;
      return Promise.reject(new StaleState('changed'));
    });
    await expect(stale).rejects.toThrow(StaleState);
    expect(runs).toBe(3);
  });

  it('calls back once for work that ran twice', async () => {
    let runs = 0;
    const called: number[] = [];
    await notes.unitOfWork.run((transaction) => {
      const run = ++runs;
      const written = notes.writeWithNext(`try ${run}`, transaction);
      transaction.afterCommit(written, () => called.push(run));
      return run === 1 ? Promise.reject(new StaleState('changed')) : Promise.resolve();
    });
    expect(called).toEqual([2]);
  });

  it('leaves no connection behind, whatever happened on it', async () => {
    await Promise.allSettled(
      Array.from({ length: 60 }, (_, i) =>
        notes.unitOfWork.run(async (transaction) => {
          await notes.write(`${i}`, transaction);
          if (i % 3 === 0) throw new Error('fails');
          if (i % 3 === 1) await pgOf(transaction).query('SELECT 1 / 0');
        }),
      ),
    );
    expect(await notes.all()).toHaveLength(20);
    const idle = await notes.database.query(
      `SELECT state FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'gophermart'
         AND state LIKE 'idle in transaction%'`,
    );
    expect(idle).toEqual([]);
  });
});
