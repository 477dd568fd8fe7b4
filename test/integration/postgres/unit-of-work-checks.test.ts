import { describe, expect, it } from '@jest/globals';
import { StaleState } from '../../../src/kernel/application/persistence-errors.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { Notes } from '../../support/database/notes.js';
import { eventually } from '../../support/eventually.js';

describe(`${PgUnitOfWork.name}, with a check before the commit`, () => {
  const notes = Notes.ofSuite();

  it('commits when it is through, and has run the last statements meanwhile', async () => {
    let pass: () => void = () => undefined;
    const running = notes.unitOfWork.run(async (transaction) => {
      await pgOf(transaction).query('SELECT');
      notes.writeWithNext('a', transaction);
      transaction.beforeCommit(() => new Promise((resolve) => (pass = resolve)));
    });
    const isWritten = async (): Promise<boolean> =>
      (
        await notes.database.query(
          `SELECT FROM pg_locks
           WHERE relation = 'public.notes'::regclass AND mode = 'RowExclusiveLock'`,
        )
      ).length > 0;
    await eventually('the row is written', isWritten);
    expect(await notes.all()).toEqual([]);
    pass();
    await running;
    expect(await notes.all()).toEqual(['a']);
  });

  it('rolls back what it refuses, and starts again where it is stale', async () => {
    const refusing = (reasons: Error[]): Promise<void> =>
      notes.unitOfWork.run((transaction) => {
        notes.writeWithNext(`${reasons.length} to come`, transaction);
        const reason = reasons.shift();
        transaction.beforeCommit(() => (reason ? Promise.reject(reason) : Promise.resolve()));
        return Promise.resolve();
      });
    await expect(refusing([new TypeError('refused')])).rejects.toThrow(new TypeError('refused'));
    expect(await notes.all()).toEqual([]);
    await refusing([new StaleState('changed'), new StaleState('changed again')]);
    expect(await notes.all()).toEqual(['0 to come']);
  });
});
