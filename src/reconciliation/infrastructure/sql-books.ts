import { Injectable } from '@nestjs/common';
import { PostgresSettings } from '../../platform/postgres/postgres.settings.js';
import { Books, BooksSnapshot, type Totals } from '../application/ports.js';
import { Difference, type Facts } from '../domain/difference.js';
import { type ComparedRow, utc } from './comparison.js';
import { JOURNAL_COMPARISONS } from './journal-comparisons.js';
import { LEDGER_COMPARISONS } from './ledger-comparisons.js';
import { ORDER_COMPARISONS } from './order-comparisons.js';
import { ReadOnlySession } from './read-only-session.js';

/** Any number that nobody else takes for an advisory lock in the same database. */
const LOCK = 7_106_240_513;

const TOTALS = `
  SELECT users, accounts, balances, entries, accrued, withdrawn, orders, tasks
  FROM (SELECT count(*) AS users FROM gophermart.users) AS u,
    (
      SELECT count(*) AS accounts, coalesce(sum(balance), 0.00) AS balances
      FROM gophermart.accounts
    ) AS a,
    (
      SELECT count(*) AS entries,
        coalesce(sum(amount) FILTER (WHERE kind = 'ACCRUAL'), 0.00) AS accrued,
        coalesce(sum(amount) FILTER (WHERE kind = 'WITHDRAWAL'), 0.00) AS withdrawn
      FROM gophermart.ledger_entries
    ) AS l,
    (SELECT count(*) AS orders FROM gophermart.orders) AS o,
    (SELECT count(*) AS tasks FROM gophermart.queue) AS q`;

/** Those that never shrink: nothing of this is ever removed. */
const GROWING = ['users', 'accounts', 'orders', 'entries', 'accrued', 'withdrawn'] as const;

/**
 * The last row that this snapshot sees was kept before it, so its totals were added up before it
 * too: a run that is under way beside this one makes no difference.
 */
const SHRUNK = `
  SELECT total, before, after, ${utc('at')} AS at
  FROM (SELECT * FROM gophermart.reconciled_totals ORDER BY id DESC LIMIT 1) AS last
  CROSS JOIN LATERAL (
    VALUES ${GROWING.map((total, i) => `('${total}', ${total}, $${i + 1}::numeric)`).join(', ')}
  ) AS each (total, before, after)
  WHERE after < before`;

const KEEP = `
  INSERT INTO gophermart.reconciled_totals (${GROWING.join(', ')})
  VALUES (${GROWING.map((_, i) => `$${i + 1}`).join(', ')})`;

const growing = (totals: Totals): string[] => GROWING.map((total) => totals[total]);

/**
 * Reads the tables of all modules by SQL, and uses none of their code: a check must not rely on
 * what it checks. Half a dozen statements scan each table a few times.
 */
@Injectable()
export class SqlBooks extends Books {
  constructor(private readonly settings: PostgresSettings) {
    super();
  }

  async snapshot<T>(
    stopping: AbortSignal,
    work: (snapshot: BooksSnapshot) => Promise<T>,
  ): Promise<T> {
    const session = await ReadOnlySession.open(this.settings.uri);
    let cancelled: Promise<void> | undefined;
    const cancel = (): void => void (cancelled = session.cancel());
    stopping.addEventListener('abort', cancel);
    try {
      stopping.throwIfAborted();
      return await work(new SqlBooksSnapshot(session));
    } finally {
      stopping.removeEventListener('abort', cancel);
      await (cancelled ?? session.close());
    }
  }
}

class SqlBooksSnapshot extends BooksSnapshot {
  constructor(private readonly session: ReadOnlySession) {
    super();
  }

  async claim(): Promise<boolean> {
    // The lock ends with the transaction.
    const [row] = await this.session.query<{ claimed: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS claimed',
      [LOCK],
    );
    return row?.claimed === true;
  }

  async totals(): Promise<Totals> {
    const [row] = await this.session.query<Totals>(TOTALS);
    if (!row) throw new Error('an aggregate has one row');
    return row;
  }

  async shrunk(totals: Totals): Promise<readonly Difference[]> {
    const rows = await this.session.query<Facts>(SHRUNK, growing(totals));
    return rows.map((facts) => new Difference('total-shrank', facts));
  }

  keep(totals: Totals): Promise<void> {
    return this.session.endWith(KEEP, growing(totals));
  }

  async *differences(): AsyncGenerator<Difference> {
    for (const comparison of [
      ...LEDGER_COMPARISONS,
      ...ORDER_COMPARISONS,
      ...JOURNAL_COMPARISONS,
    ]) {
      for await (const { kinds, ...facts } of this.session.rows<ComparedRow>(comparison)) {
        for (const kind of kinds) yield new Difference(kind, facts);
      }
    }
  }
}
