import { Injectable } from '@nestjs/common';
import { PostgresSettings } from '../../platform/postgres/postgres.settings.js';
import { Books, BooksSnapshot, type Totals } from '../application/ports.js';
import { Difference } from '../domain/difference.js';
import type { ComparedRow } from './comparison.js';
import { LEDGER_COMPARISONS } from './ledger-comparisons.js';
import { ORDER_COMPARISONS } from './order-comparisons.js';
import { ReadOnlySession } from './read-only-session.js';

/** Any number that nobody else takes for an advisory lock in the same database. */
const LOCK = 7_106_240_513;

const TOTALS = `
  SELECT accounts, balances, entries, accrued, withdrawn, orders, tasks
  FROM (
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

  async *differences(): AsyncGenerator<Difference> {
    for (const comparison of [...LEDGER_COMPARISONS, ...ORDER_COMPARISONS]) {
      for await (const { kinds, ...facts } of this.session.rows<ComparedRow>(comparison)) {
        for (const kind of kinds) yield new Difference(kind, facts);
      }
    }
  }
}
