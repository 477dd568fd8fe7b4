import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { Deferred, Transaction } from '../../../src/kernel/application/unit-of-work.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { type CountingUnitOfWork, type OpenDatabase, openDatabase } from './open-database.js';
import type { TestDatabase } from './test-database.js';

/** A table of texts, to see what a transaction leaves. */
export class Notes {
  #open: OpenDatabase | undefined;

  /** A database for the suite that calls this, and an empty table for each of its tests. */
  static ofSuite(): Notes {
    const notes = new Notes();
    beforeAll(async () => {
      notes.#open = await openDatabase();
      await notes.database.query('CREATE TABLE public.notes (note text PRIMARY KEY)');
    });
    afterAll(() => notes.#open?.close());
    beforeEach(() => notes.database.query('TRUNCATE public.notes'));
    return notes;
  }

  get database(): TestDatabase {
    return this.open.database;
  }

  get unitOfWork(): CountingUnitOfWork {
    return this.open.unitOfWork;
  }

  /** In a transaction, or by itself. */
  write(note: string | null, transaction?: Transaction): Promise<unknown> {
    return (transaction ? pgOf(transaction) : this.unitOfWork).query(
      'INSERT INTO public.notes VALUES ($1)',
      [note],
    );
  }

  /** With what comes next in the transaction. The value is how many rows there were. */
  writeWithNext(note: string | null, transaction: Transaction): Deferred<number> {
    return pgOf(transaction)
      .sendWithNext('INSERT INTO public.notes VALUES ($1)', [note])
      .thenApply(({ rowCount }) => rowCount ?? 0);
  }

  /** What has been committed. */
  async all(): Promise<string[]> {
    const rows = await this.database.query<{ note: string }>(
      'SELECT note FROM public.notes ORDER BY note',
    );
    return rows.map(({ note }) => note);
  }

  private get open(): OpenDatabase {
    if (!this.#open) throw new Error('the suite has not begun');
    return this.#open;
  }
}
