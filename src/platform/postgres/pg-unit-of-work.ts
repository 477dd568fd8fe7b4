import type { Pool, PoolClient, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import {
  type Deferred,
  type Transaction,
  UnitOfWork,
} from '../../kernel/application/unit-of-work.js';
import { PATIENCE_MS } from './connect.js';
import { connectFailure, isRepeatable, translateFailure } from './failures.js';
import { pgOf, PgTransaction } from './pg-transaction.js';
import type { Servers } from './servers/servers.js';

const MAX_TRIES = 3;

/**
 * Transactions on the pool of `pg` that TypeORM has opened, without a query runner in between.
 *
 * Nobody waits longer than {@link PATIENCE_MS} for a database that does not answer, however many
 * connections and tries it takes.
 */
export class PgUnitOfWork extends UnitOfWork {
  readonly #pool: Pool;
  /** How many servers there are: one after another is asked for a connection. */
  readonly #servers: number;
  readonly #onCommit: (() => void)[] = [];

  constructor(dataSource: DataSource) {
    super();
    this.#pool = (dataSource.driver as PostgresDriver).master as Pool;
    this.#servers = (
      dataSource.options as { extra: { servers: Servers } }
    ).extra.servers.uris.length;
  }

  /**
   * Opens all connections of the pool, so that the first burst of requests finds them. What cannot
   * be opened is left to whoever needs it.
   */
  async openConnections(): Promise<void> {
    const open = async (): Promise<void> => (await this.#pool.connect()).release();
    await Promise.allSettled(Array.from({ length: this.#pool.options.max }, open));
  }

  /** How many connections are in use and how many are not, and how many callers wait for one. */
  get connections(): { readonly used: number; readonly idle: number; readonly waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  /** Why the database cannot be used now; undefined where it can. @throws DatabaseUnavailable */
  async obstacle(): Promise<string | undefined> {
    const { rows } = await this.query<{ mode: string }>(
      `SELECT current_setting('transaction_read_only') AS mode`,
    );
    return rows[0]?.mode === 'off' ? undefined : 'read-only';
  }

  /** Calls `listener` after each COMMIT. A single statement, which mostly reads, has none. */
  onCommit(listener: () => void): void {
    this.#onCommit.push(listener);
  }

  async run<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#try(work, deadline);
      } catch (error) {
        const failure = translateFailure(error);
        if (attempt === MAX_TRIES || !isRepeatable(failure) || performance.now() >= deadline)
          throw failure;
      }
    }
  }

  /** Runs one statement as a transaction of its own, in one round trip; see also `pgOf`. */
  query<Row extends object>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return this.run((transaction) =>
      Promise.resolve(pgOf(transaction).sendWithNext<Row>(text, parameters)),
    );
  }

  async #try<T>(
    work: (transaction: Transaction) => Promise<T | Deferred<T>>,
    deadline: number,
  ): Promise<T> {
    const transaction = new PgTransaction(await this.#connect(deadline), deadline);
    let result: T | Deferred<T>;
    try {
      result = await work(transaction);
      await transaction.commit();
    } catch (error) {
      await transaction.rollBack();
      throw error;
    }
    transaction.callBack();
    if (transaction.hadSeveralStatements) for (const listener of this.#onCommit) listener();
    return transaction.reveal(result);
  }

  async #connect(deadline: number): Promise<PoolClient> {
    for (let left = this.#servers; ; left--) {
      try {
        return await this.#pool.connect();
      } catch (error) {
        if (left <= 1 || performance.now() >= deadline) throw connectFailure(error);
      }
    }
  }
}
