import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type OnceCommitted,
  Transaction,
  UnitOfWork,
} from '../../../src/kernel/application/unit-of-work.js';

/** A transaction without a database. */
export class FakeTransaction extends Transaction {
  readonly #beforeCommit: (() => Promise<void>)[] = [];
  readonly #afterCommit: (() => void)[] = [];
  #hasCommitted = false;

  beforeCommit(check: () => Promise<void>): void {
    this.#beforeCommit.push(check);
  }

  afterCommit(task: () => void): void {
    this.#afterCommit.push(task);
  }

  /** What an adapter answers with; throws before the commit, as theirs does. */
  onceCommitted<T>(value: T): OnceCommitted<T> {
    return () => {
      if (!this.#hasCommitted) throw new Error('nobody knows that before the commit');
      return value;
    };
  }

  async check(): Promise<void> {
    await Promise.all(this.#beforeCommit.map((check) => check()));
  }

  commit(): void {
    this.#hasCommitted = true;
    this.#afterCommit.forEach((task) => task());
  }
}

/**
 * A unit of work without a database: knows who is called inside it, handed the transaction or not,
 * and calls what waits for the commit. It never starts again.
 */
export class FakeUnitOfWork extends UnitOfWork {
  readonly #open = new AsyncLocalStorage<Transaction>();
  commits = 0;

  /** The transaction that the caller is inside of. */
  get open(): Transaction | undefined {
    return this.#open.getStore();
  }

  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.open)
      throw new Error(
        'a transaction inside another waits for a second connection with the first one in hand',
      );
    const transaction = new FakeTransaction();
    const result = await this.#open.run(transaction, () => work(transaction));
    await transaction.check();
    this.commits++;
    transaction.commit();
    return result;
  }
}
