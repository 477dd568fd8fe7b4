import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../test/support/fakes/fake-clock.js';
import { InMemorySnapshot, TOTALS } from '../../../test/support/fakes/in-memory-snapshot.js';
import { Difference } from '../domain/difference.js';
import { countOf, ReconcileBooks } from './reconcile-books.js';

const lost = (number: string): Difference => new Difference('order-twice', { number, rows: '2' });
const parked = new Difference('task-twice', { order: 'o', rows: '2' });

describe(ReconcileBooks.name, () => {
  let books: InMemorySnapshot;
  let clock: FakeClock;
  let reconcileBooks: ReconcileBooks;

  beforeEach(() => {
    books = new InMemorySnapshot();
    clock = new FakeClock();
    reconcileBooks = new ReconcileBooks(clock);
  });

  it('reports every difference when it is found, and counts them by kind', async () => {
    books.found = [lost('1'), parked, lost('2')];
    const told: Difference[] = [];
    const reconciliation = await reconcileBooks.execute(books, (difference) =>
      told.push(difference),
    );
    expect(told).toEqual(books.found);
    expect([...reconciliation.differences]).toEqual([
      ['order-twice', 2],
      ['task-twice', 1],
    ]);
    expect(countOf(reconciliation)).toBe(3);
    expect(reconciliation.totals).toEqual(TOTALS);
  });

  it('tells what has shrunk since the run before, and keeps the totals for the next', async () => {
    const users = { total: 'users', before: '3', after: '2', at: '2026-01-02T03:04:05.000Z' };
    books.shrunken = [new Difference('total-shrank', users)];
    books.found = [parked];
    const told: string[] = [];
    await reconcileBooks.execute(books, ({ kind }) => {
      told.push(kind);
      expect(books.kept).toEqual([]);
    });
    expect(told).toEqual(['total-shrank', 'task-twice']);
    expect(books.kept).toEqual([TOTALS]);
  });

  it('says when it ended, and how long it took', async () => {
    books.found = [parked];
    const reconciliation = await reconcileBooks.execute(books, () => clock.advance(1_250));
    expect(reconciliation).toMatchObject({ seconds: 1.25, finishedAt: clock.now() });
  });

  it('is not misled by a clock that is set back meanwhile', async () => {
    books.found = [parked];
    const reconciliation = await reconcileBooks.execute(books, () => {
      clock.ms -= 40_000;
      clock.advance(1_250);
    });
    expect(reconciliation).toMatchObject({ seconds: 1.25, finishedAt: clock.now() });
  });

  it('finds nothing in sound books', async () => {
    const reconciliation = await reconcileBooks.execute(books, () => undefined);
    expect(countOf(reconciliation)).toBe(0);
  });
});
