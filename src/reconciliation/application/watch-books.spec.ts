import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { InMemoryBooks } from '../../../test/support/fakes/in-memory-snapshot.js';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import { Difference } from '../domain/difference.js';
import { ReconciliationMetrics, type Reconciliation } from './ports.js';
import { countOf, ReconcileBooks } from './reconcile-books.js';
import { WatchBooks } from './watch-books.js';

class Metrics extends ReconciliationMetrics {
  readonly runs: Reconciliation[] = [];

  reconciled(reconciliation: Reconciliation): void {
    this.runs.push(reconciliation);
  }
}

describe(WatchBooks.name, () => {
  let books: InMemoryBooks;
  let metrics: Metrics;
  let watchBooks: WatchBooks;
  let stopping: AbortController;
  /** `level message`, in order. */
  let logged: string[];

  beforeEach(() => {
    books = new InMemoryBooks();
    metrics = new Metrics();
    watchBooks = new WatchBooks(books, new ReconcileBooks(new FakeClock()), metrics);
    stopping = new AbortController();
    logged = [];
    const log = (level: string) => (message: string) => {
      logged.push(`${level} ${message}`);
    };
    Logger.overrideLogger({
      log: log('info'),
      error: log('error'),
      warn: log('warn'),
      debug: log('debug'),
    });
  });

  afterEach(() => {
    Logger.overrideLogger(false);
  });

  const twice = (count: number): Difference[] =>
    Array.from(
      { length: count },
      (_, i) => new Difference('order-twice', { number: `${i}`, rows: '2' }),
    );

  it('says in one line that all is well', async () => {
    await watchBooks.execute(stopping.signal);
    expect(logged).toEqual(['info the books agree, seen in 0 s']);
    expect(metrics.runs.map(countOf)).toEqual([0]);
  });

  it('names every difference as an error', async () => {
    books.current.found = twice(2);
    await watchBooks.execute(stopping.signal);
    expect(logged).toEqual([
      'error the books disagree: order-twice: order 0: there are 2 rows of it',
      'error the books disagree: order-twice: order 1: there are 2 rows of it',
      'error the books disagree in 2 places: order-twice 2; npm run reconcile names them all',
    ]);
    expect(metrics.runs.map(countOf)).toEqual([2]);
  });

  it('names the first 20 of very many, and counts all', async () => {
    books.current.found = twice(1_000);
    await watchBooks.execute(stopping.signal);
    expect(logged).toHaveLength(21);
    expect(logged.at(-1)).toContain('in 1000 places');
    expect(metrics.runs.map(countOf)).toEqual([1_000]);
  });

  it('leaves it to another replica that is reconciling already', async () => {
    books.current.isClaimed = true;
    books.current.found = twice(1);
    await watchBooks.execute(stopping.signal);
    expect(logged).toEqual(['debug another replica is reconciling the books']);
    expect(metrics.runs).toEqual([]);
  });

  it('survives a database that is away', async () => {
    books.failure = new DatabaseUnavailable('connect ECONNREFUSED');
    await watchBooks.execute(stopping.signal);
    expect(logged).toEqual([
      'warn the books could not be reconciled: DatabaseUnavailable: connect ECONNREFUSED',
    ]);
    expect(metrics.runs).toEqual([]);
  });

  it('says nothing of a run that a stop has ended', async () => {
    books.failure = new Error('canceling statement due to user request');
    stopping.abort();
    await watchBooks.execute(stopping.signal);
    expect(logged).toEqual([]);
  });
});
