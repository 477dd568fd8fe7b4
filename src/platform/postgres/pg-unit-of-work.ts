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
    // As soon as a client is handed out: the message that its session has ended may already have
    // arrived, behind its last answer.
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
   * After a failure the connection does not go back to the pool: the statement's answer may still
   * come on it.
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
 * When the connection is lost, the database has stored all of the transaction or nothing. Work that
 * is safe to repeat finds out which.
 */
function isRepeatable(failure: unknown): boolean {
  return failure instanceof StaleState || failure instanceof ConnectionLost || isConflict(failure);
}

/**
 * When a connection breaks between two statements, the next statement fails and reports it. Without
 * a listener the connection's `error` event would end the process before that.
 */
function ignore(): void {
  // The next statement reports it.
}
