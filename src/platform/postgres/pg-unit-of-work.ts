import { Injectable } from '@nestjs/common';
import type { Pool, QueryResult } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { ConnectionLost, StaleState } from '../../kernel/application/persistence-errors.js';
import {
  type Deferred,
  type Transaction,
  UnitOfWork,
} from '../../kernel/application/unit-of-work.js';
import { isConflict, translateFailure } from './failures.js';
import { sendTogether, type Statement } from './pg-batch.js';
import { PgTransaction } from './pg-transaction.js';

const MAX_TRIES = 3;

/**
 * Statements and transactions on the pool of `pg` that TypeORM has opened, without a query runner
 * in between.
 */
@Injectable()
export class PgUnitOfWork extends UnitOfWork {
  readonly #pool: Pool;

  constructor(dataSource: DataSource) {
    super();
    this.#pool = (dataSource.driver as PostgresDriver).master as Pool;
    // From the moment it is handed out: the end of a session may be in the bytes behind the last
    // answer.
    this.#pool.on('acquire', (client) => {
      if (!client.listeners('error').includes(ignore)) client.on('error', ignore);
    });
  }

  async run<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#try(work);
      } catch (error) {
        const failure = translateFailure(error);
        if (attempt === MAX_TRIES || !isRepeatable(failure)) throw failure;
      }
    }
  }

  /** Runs one statement by itself; for those of a transaction see `pgOf`. */
  async query<Row extends object>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    try {
      return (await this.#alone({ text, parameters })) as QueryResult<Row>;
    } catch (error) {
      throw translateFailure(error);
    }
  }

  /**
   * A connection on which a statement fails may still be waiting for its answer, and does not go
   * back to the pool.
   */
  async #alone(statement: Statement): Promise<QueryResult | undefined> {
    const client = await this.#pool.connect();
    try {
      const [result] = await sendTogether(client, [statement]);
      client.release();
      return result;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  }

  async #try<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T> {
    const transaction = new PgTransaction(await this.#pool.connect());
    let result: T | Deferred<T>;
    try {
      result = await work(transaction);
      await transaction.commit();
    } catch (error) {
      await transaction.rollBack();
      throw error;
    }
    transaction.callBack();
    return transaction.reveal(result);
  }
}

/**
 * The connection's loss leaves nothing of the transaction, or all of it: work that is safe to
 * repeat finds out which.
 */
function isRepeatable(failure: unknown): boolean {
  return failure instanceof StaleState || failure instanceof ConnectionLost || isConflict(failure);
}

/**
 * A connection that breaks between two statements fails the next one; an error that nobody listens
 * to would end the process.
 */
function ignore(): void {
  // There is nothing to do before that.
}
