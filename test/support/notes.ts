import type { Transaction } from '../../src/shared/application/transaction.js';
import { within } from '../../src/shared/infrastructure/pg-transaction.js';
import { type OpenDatabase, openDatabase } from './open-database.js';

/** A table of texts, to see what a transaction leaves. */
export class Notes {
  private constructor(readonly open: OpenDatabase) {}

  static async create(): Promise<Notes> {
    const open = await openDatabase();
    await open.database.query('CREATE TABLE public.notes (note text PRIMARY KEY)');
    return new Notes(open);
  }

  /** In a transaction, or by itself. */
  write(note: string | null, transaction?: Transaction): Promise<unknown> {
    return (transaction ? within(transaction) : this.open.unitOfWork).query('INSERT INTO public.notes VALUES ($1)', [note]);
  }

  /** With what comes next in the transaction. */
  writeLater(note: string | null, transaction: Transaction): Promise<unknown> {
    return within(transaction).later('INSERT INTO public.notes VALUES ($1)', [note]);
  }

  /** What has been committed. */
  async all(): Promise<string[]> {
    const rows = await this.open.database.query<{ note: string }>('SELECT note FROM public.notes ORDER BY note');
    return rows.map(({ note }) => note);
  }

  async clear(): Promise<void> {
    await this.open.database.query('TRUNCATE public.notes');
  }
}
