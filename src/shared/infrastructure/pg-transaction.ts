import type { PoolClient, QueryResult } from 'pg';
import { Transaction } from '../application/transaction.js';
import { sendTogether, type Statement } from './pg-batch.js';

const BEGIN: Statement = { text: 'BEGIN', parameters: [] };
const COMMIT: Statement = { text: 'COMMIT', parameters: [] };

/**
 * A transaction on a connection of the pool, which goes back there with its end.
 *
 * Statements travel together where nobody waits in between: BEGIN with the first ones, those of {@link later} with what comes next, or with the COMMIT. A
 * round trip costs every request of a list a turn of a busy event loop, about a millisecond.
 */
export class PgTransaction extends Transaction {
  readonly #client: PoolClient;
  readonly #afterCommit: (() => void)[] = [];
  #unsent: Statement[] = [BEGIN];
  #sending: Promise<readonly QueryResult[]> | undefined;
  #hasEnded = false;

  constructor(client: PoolClient) {
    super();
    this.#client = client;
  }

  /**
   * Runs one statement, together with others of the same turn; its failure is translated where the transaction ends.
   *
   * @throws Error after the end: somebody else has the connection by then.
   */
  async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<QueryResult<Row>> {
    const place = this.#add(text, parameters);
    this.#sending ??= this.#sendSoon();
    return (await this.#sending)[place] as QueryResult<Row>;
  }

  /**
   * Runs one statement whose answer nobody needs, together with the next one or with the COMMIT: if it fails, they do. Resolves at once.
   *
   * @throws Error after the end.
   */
  async later(text: string, parameters: readonly unknown[]): Promise<void> {
    await Promise.resolve(this.#add(text, parameters));
  }

  afterCommit(task: () => void): void {
    this.#refuseAfterEnd();
    this.#afterCommit.push(task);
  }

  /** PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK and no error: a swallowed SQL error must not pass for success. */
  async commit(): Promise<void> {
    this.#hasEnded = true;
    this.#unsent.push(COMMIT);
    const command = (await this.#send()).at(-1)?.command;
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}: a statement had failed unnoticed`);
    this.#client.release();
  }

  /** A connection that cannot even roll back must not return to the pool with the transaction open on it. */
  async rollBack(): Promise<void> {
    this.#hasEnded = true;
    try {
      if (this.#unsent[0] !== BEGIN) await this.#client.query('ROLLBACK');
      this.#client.release();
    } catch (error) {
      this.#client.release(error as Error);
    }
  }

  /** Calls what waited for the commit. */
  callBack(): void {
    this.#afterCommit.forEach((task) => task());
  }

  #add(text: string, parameters: readonly unknown[]): number {
    this.#refuseAfterEnd();
    return this.#unsent.push({ text, parameters }) - 1;
  }

  /** After this turn, in which others may join. */
  async #sendSoon(): Promise<readonly QueryResult[]> {
    await Promise.resolve();
    this.#refuseAfterEnd();
    return this.#send();
  }

  #send(): Promise<readonly QueryResult[]> {
    const statements = this.#unsent;
    this.#unsent = [];
    this.#sending = undefined;
    return sendTogether(this.#client, statements);
  }

  /** What would come behind the last statement would not be part of the transaction any more. */
  #refuseAfterEnd(): void {
    if (this.#hasEnded) throw new Error('the transaction has ended: something in it was not awaited');
  }
}

/** The way to a transaction's statements, for adapters. */
export function within(transaction: Transaction): PgTransaction {
  if (transaction instanceof PgTransaction) return transaction;
  throw new TypeError('a transaction of another database');
}
