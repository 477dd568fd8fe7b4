import type { PoolClient, QueryResult } from 'pg';
import { Transaction } from '../application/transaction.js';

/** A transaction on a connection of the pool, which goes back there with its end. */
export class PgTransaction extends Transaction {
  readonly #client: PoolClient;
  readonly #afterCommit: (() => void)[] = [];
  #hasEnded = false;

  constructor(client: PoolClient) {
    super();
    this.#client = client;
  }

  /** Runs one statement; its failure is translated where the transaction ends. @throws Error after the end: somebody else has the connection by then. */
  async query<Row extends object>(text: string, parameters: unknown[] = []): Promise<QueryResult<Row>> {
    this.#refuseAfterEnd();
    return this.#client.query<Row>(text, parameters);
  }

  afterCommit(task: () => void): void {
    this.#refuseAfterEnd();
    this.#afterCommit.push(task);
  }

  async begin(): Promise<void> {
    await this.#client.query('BEGIN');
  }

  /** PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error: a swallowed SQL error must not pass for success. */
  async commit(): Promise<void> {
    const { command } = await this.#end('COMMIT');
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}: a statement had failed unnoticed`);
    this.#client.release();
  }

  /** A connection that cannot even roll back must not return to the pool with the transaction open on it. */
  async rollBack(): Promise<void> {
    try {
      await this.#end('ROLLBACK');
      this.#client.release();
    } catch (error) {
      this.#client.release(error as Error);
    }
  }

  /** Calls what waited for the commit. */
  callBack(): void {
    this.#afterCommit.forEach((task) => task());
  }

  /** What would come behind the last statement would not be part of the transaction any more. */
  #end(statement: 'COMMIT' | 'ROLLBACK'): Promise<QueryResult> {
    this.#hasEnded = true;
    return this.#client.query(statement);
  }

  #refuseAfterEnd(): void {
    if (this.#hasEnded) throw new Error('the transaction has ended: something in it was not awaited');
  }
}

/** The way to a transaction's statements, for adapters. */
export function within(transaction: Transaction): PgTransaction {
  if (transaction instanceof PgTransaction) return transaction;
  throw new TypeError('a transaction of another database');
}
