import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DataSource, type QueryResult, type QueryRunner } from 'typeorm';
import { ConnectionLost, StaleState } from '../application/persistence-errors.js';
import { UnitOfWork } from '../application/unit-of-work.js';
import { isConflict, translateFailure } from './database-failures.js';

interface Transaction {
  readonly runner: QueryRunner;
  readonly afterCommit: (() => void)[];
}

const MAX_TRIES = 3;

/** The transaction travels in an AsyncLocalStorage, so repositories need not be handed it. */
@Injectable()
export class TypeOrmUnitOfWork extends UnitOfWork {
  readonly #open = new AsyncLocalStorage<Transaction>();

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  get isOpen(): boolean {
    return this.#open.getStore() !== undefined;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.isOpen) return work();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#transaction(work);
      } catch (error) {
        const failure = translateFailure(error);
        if (attempt === MAX_TRIES || !isRepeatable(failure)) throw failure;
      }
    }
  }

  afterCommit(task: () => void): void {
    const open = this.#open.getStore();
    if (!open) throw new Error('there is no transaction to wait for');
    open.afterCommit.push(task);
  }

  /** Runs one statement in the open transaction, or by itself where there is none. */
  async query(text: string, parameters: unknown[]): Promise<QueryResult> {
    const open = this.#open.getStore();
    if (open) return open.runner.query(text, parameters, true);
    const runner = this.dataSource.createQueryRunner();
    try {
      return await runner.query(text, parameters, true);
    } catch (error) {
      throw translateFailure(error);
    } finally {
      await runner.release();
    }
  }

  async #transaction<T>(work: () => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const transaction: Transaction = { runner, afterCommit: [] };
    try {
      await runner.startTransaction();
      const result = await this.#open.run(transaction, work);
      await commit(runner);
      transaction.afterCommit.forEach((task) => task());
      return result;
    } catch (error) {
      await rollBack(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

/** The connection's loss leaves nothing of the transaction, or all of it: work that is safe to repeat finds out which. */
function isRepeatable(failure: unknown): boolean {
  return failure instanceof StaleState || failure instanceof ConnectionLost || isConflict(failure);
}

/** PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error: a swallowed SQL error must not pass for success. */
async function commit(runner: QueryRunner): Promise<void> {
  const client = (await runner.connect()) as PoolClient;
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}: a statement had failed unnoticed`);
}

/** A connection that cannot even roll back must not return to the pool with the transaction open on it. */
async function rollBack(runner: QueryRunner): Promise<void> {
  if (!runner.isTransactionActive || runner.isReleased) return;
  try {
    await runner.rollbackTransaction();
  } catch (error) {
    // The typings leave it out; `release` itself takes no error, and the pool would hand the broken connection to the next.
    const broken = runner as unknown as { releasePostgresConnection(error: unknown): Promise<void> };
    await broken.releasePostgresConnection(error);
  }
}
