import { AsyncLocalStorage } from 'node:async_hooks';
import { UnitOfWork } from '../../src/shared/application/unit-of-work.js';

/** A unit of work without a database: knows whether it is open, and calls what waits for the commit. */
export class FakeUnitOfWork extends UnitOfWork {
  readonly #open = new AsyncLocalStorage<(() => void)[]>();
  commits = 0;

  get isOpen(): boolean {
    return this.#open.getStore() !== undefined;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.isOpen) return work();
    const tasks: (() => void)[] = [];
    const result = await this.#open.run(tasks, work);
    this.commits++;
    tasks.forEach((task) => task());
    return result;
  }

  afterCommit(task: () => void): void {
    const tasks = this.#open.getStore();
    if (!tasks) throw new Error('there is no transaction to wait for');
    tasks.push(task);
  }
}
