import { AsyncLocalStorage } from 'node:async_hooks';
import type { CommittedBatch } from '../../../src/kernel/application/batches/group-commit.js';
import { BatchMetrics } from '../../../src/kernel/application/batches/ports.js';
import { type Caller, SOCKETS } from '../../../src/kernel/application/caller.js';
import {
  type Deferred,
  Transaction,
  UnitOfWork,
} from '../../../src/kernel/application/unit-of-work.js';

class FakeDeferred<T> implements Deferred<T> {
  constructor(readonly compute: () => T) {}

  thenApply<U>(convert: (value: T) => U): Deferred<U> {
    return new FakeDeferred(() => convert(this.compute()));
  }
}

/** What an adapter's statement answers that travels with the COMMIT. */
export function deferred<T>(value: T): Deferred<T> {
  return new FakeDeferred(() => value);
}

function reveal<T>(value: T | Deferred<T>): T {
  return value instanceof FakeDeferred ? (value as FakeDeferred<T>).compute() : (value as T);
}

/** A transaction without a database. */
export class FakeTransaction extends Transaction {
  readonly #beforeCommit: (() => Promise<void>)[] = [];
  readonly #afterCommit: (() => void)[] = [];

  beforeCommit(check: () => Promise<void>): void {
    this.#beforeCommit.push(check);
  }

  afterCommit<T>(value: Deferred<T>, task: (value: T) => void): void {
    this.#afterCommit.push(() => task(reveal(value)));
  }

  async check(): Promise<void> {
    await Promise.all(this.#beforeCommit.map((check) => check()));
  }

  callBack(): void {
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

  async run<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T> {
    if (this.open)
      throw new Error(
        'a transaction inside another waits for a second connection with the first one in hand',
      );
    const transaction = new FakeTransaction();
    const result = await this.#open.run(transaction, () => work(transaction));
    await transaction.check();
    this.commits++;
    transaction.callBack();
    return reveal(result);
  }
}

export const WAITING: Caller = {
  address: '192.0.2.1',
  isDisconnected: false,
  presence: SOCKETS,
};
export const GONE: Caller = { ...WAITING, isDisconnected: true };

/** Counts the batches that are done, by what they are of. */
export class CountedBatches extends BatchMetrics {
  readonly batches: (CommittedBatch & { readonly of: string })[] = [];

  of(commands: string): (batch: CommittedBatch) => void {
    return (batch) => void this.batches.push({ ...batch, of: commands });
  }
}
