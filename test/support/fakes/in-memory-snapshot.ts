import {
  Books,
  BooksSnapshot,
  type Totals,
} from '../../../src/reconciliation/application/ports.js';
import type { Difference } from '../../../src/reconciliation/domain/difference.js';

export const TOTALS: Totals = {
  users: '2',
  accounts: '2',
  entries: '3',
  orders: '4',
  tasks: '1',
  accrued: '10.50',
  withdrawn: '0.50',
  balances: '10.00',
};

/** Books with the differences that a test puts there. */
export class InMemorySnapshot extends BooksSnapshot {
  /** Somebody else is reconciling. */
  isClaimed = false;
  found: readonly Difference[] = [];
  shrunken: readonly Difference[] = [];
  readonly kept: Totals[] = [];

  claim(): Promise<boolean> {
    return Promise.resolve(!this.isClaimed);
  }

  totals(): Promise<Totals> {
    return Promise.resolve(TOTALS);
  }

  shrunk(): Promise<readonly Difference[]> {
    return Promise.resolve(this.shrunken);
  }

  keep(totals: Totals): Promise<void> {
    this.kept.push(totals);
    return Promise.resolve();
  }

  async *differences(): AsyncGenerator<Difference> {
    for (const difference of this.found) yield await Promise.resolve(difference);
  }
}

export class InMemoryBooks extends Books {
  readonly current = new InMemorySnapshot();
  /** The database is away. */
  failure: Error | undefined;

  snapshot<T>(_: AbortSignal, work: (snapshot: BooksSnapshot) => Promise<T>): Promise<T> {
    return this.failure ? Promise.reject(this.failure) : work(this.current);
  }
}
