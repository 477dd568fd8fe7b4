import { DatabaseError, type PoolClient, type QueryResult } from 'pg';
import { type Deferred, Transaction } from '../../kernel/application/unit-of-work.js';
import { TRANSACTION_SETTINGS } from './connect.js';
import { sendTogether, type Statement } from './pg-batch.js';

/** A statement and, once it has been answered, its result. */
interface Sent extends Statement {
  result?: QueryResult;
}

const command = (text: string): Sent => ({ text, parameters: [], isCommand: true });

/** A database may have another default, under which statements do not see what others commit. */
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

/** How long a ROLLBACK may take, in milliseconds. */
const ROLLBACK_MS = 500;

/**
 * A transaction on a connection of the pool, to which the connection returns at the end.
 *
 * A round trip costs every command of a `GroupCommit`'s batch a turn of a busy event loop. So
 * statements travel together where nobody waits in between (ADR 0020): BEGIN and its settings with
 * the first ones, those of {@link sendWithNext} with what comes next, or with the COMMIT.
 */
export class PgTransaction extends Transaction {
  readonly #client: PoolClient;
  readonly #beforeCommit: (() => Promise<void>)[] = [];
  readonly #afterCommit: (() => void)[] = [];
  readonly #begin = command(BEGIN);
  #unsent: Sent[] = [this.#begin, { text: TRANSACTION_SETTINGS, parameters: [] }];
  #sending: Promise<void> | undefined;
  #hasEnded = false;
  #hasCommitted = false;
  #hadSeveralStatements = false;
  /** The connection cannot be used any more: it broke, or an answer has not come in time. */
  #isBroken = false;
  /** Why a check before the commit has refused it. */
  #refusal: unknown;

  /** @param deadline until when the database may take to answer, on the clock of `performance`. */
  constructor(
    client: PoolClient,
    private readonly deadline: number,
  ) {
    super();
    this.#client = client;
  }

  /**
   * Runs one statement, together with others of the same turn; its failure is translated where the
   * transaction ends.
   *
   * @throws Error after the end: somebody else has the connection by then.
   */
  async query<Row extends object>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    const sent = this.#add({ text, parameters });
    await (this.#sending ??= this.#sendSoon());
    return resultOf(sent);
  }

  /**
   * Runs one statement whose answer nobody waits for, together with the next one or with the
   * COMMIT: if it fails, they do.
   *
   * @throws Error after the end.
   */
  sendWithNext<Row extends object>(
    text: string,
    parameters: readonly unknown[],
  ): Deferred<QueryResult<Row>> {
    const sent = this.#add({ text, parameters });
    return new PgDeferred(() => resultOf<Row>(sent));
  }

  beforeCommit(check: () => Promise<void>): void {
    this.#refuseAfterEnd();
    this.#beforeCommit.push(check);
  }

  afterCommit<T>(value: Deferred<T>, task: (value: T) => void): void {
    this.#refuseAfterEnd();
    this.#afterCommit.push(() => task(this.reveal(value)));
  }

  /**
   * Commits, and gives the connection back.
   *
   * @throws Error where a statement had failed and its error was swallowed: PostgreSQL then answers
   * COMMIT with ROLLBACK, which is no error for it.
   */
  async commit(): Promise<void> {
    this.#hasEnded = true;
    this.#hadSeveralStatements = !this.#isSingleStatement;
    await (this.#hadSeveralStatements ? this.#sendCommit() : this.#sendSingle());
    this.#hasCommitted = true;
    this.#client.release();
  }

  /** There was a COMMIT to send. */
  get hadSeveralStatements(): boolean {
    return this.#hadSeveralStatements;
  }

  /** One statement and its settings are all there is to send. */
  get #isSingleStatement(): boolean {
    return (
      this.#unsent[0] === this.#begin &&
      this.#unsent.length === 3 &&
      this.#beforeCommit.length === 0
    );
  }

  /** PostgreSQL makes a transaction of what is sent together, without BEGIN and COMMIT too. */
  async #sendSingle(): Promise<void> {
    this.#unsent.shift();
    await this.#send();
  }

  async #sendCommit(): Promise<void> {
    const commit = command('COMMIT');
    this.#unsent.push(commit);
    await this.#send(this.#checked());
    const answer = resultOf(commit).command;
    if (answer !== 'COMMIT')
      throw new Error(`COMMIT was answered with ${answer}: a statement had failed unnoticed`);
  }

  /**
   * Rolls back, and gives the connection back. One that is broken is asked nothing any more and
   * closed, as is one that cannot roll back: the transaction is still open on it.
   */
  async rollBack(): Promise<void> {
    this.#hasEnded = true;
    try {
      if (this.#unsent[0] !== this.#begin && !this.#isBroken)
        await sendTogether(this.#client, [command('ROLLBACK')], ROLLBACK_MS);
      this.#client.release(this.#isBroken);
    } catch {
      this.#client.release(true);
    }
  }

  /** Calls what waited for the commit. */
  callBack(): void {
    this.#afterCommit.forEach((task) => task());
  }

  /** The value itself, or the one that was deferred. @throws Error before the commit. */
  reveal<T>(value: T | Deferred<T>): T {
    if (!(value instanceof PgDeferred)) return value as T;
    if (!this.#hasCommitted) throw new Error('the transaction has not committed');
    return (value as PgDeferred<T>).compute();
  }

  #add(statement: Sent): Sent {
    this.#refuseAfterEnd();
    this.#unsent.push(statement);
    return statement;
  }

  /** Sends at the end of this turn, so that statements of the same turn travel together. */
  async #sendSoon(): Promise<void> {
    await Promise.resolve();
    this.#refuseAfterEnd();
    await this.#send();
  }

  /**
   * The checks before the commit; undefined where there are none, so that COMMIT waits for nothing.
   */
  #checked(): Promise<void> | undefined {
    if (this.#beforeCommit.length === 0) return undefined;
    return Promise.all(this.#beforeCommit.map((check) => check())).then(
      () => undefined,
      (reason: unknown) => {
        this.#refusal = reason;
        throw reason;
      },
    );
  }

  async #send(beforeLast?: Promise<void>): Promise<void> {
    const statements = this.#unsent;
    this.#unsent = [];
    this.#sending = undefined;
    const left = Math.max(1, this.deadline - performance.now());
    try {
      const results = await sendTogether(this.#client, statements, left, beforeLast);
      statements.forEach((statement, i) => (statement.result = results[i]));
    } catch (error) {
      // The server has answered, or the check before the commit has refused; otherwise it is gone.
      this.#isBroken = !(error instanceof DatabaseError) && error !== this.#refusal;
      throw error;
    }
  }

  /** After the end another transaction may have the connection, and would get the statement. */
  #refuseAfterEnd(): void {
    if (this.#hasEnded)
      throw new Error('the transaction has ended: something in it was not awaited');
  }
}

class PgDeferred<T> implements Deferred<T> {
  constructor(readonly compute: () => T) {}

  thenApply<U>(convert: (value: T) => U): Deferred<U> {
    return new PgDeferred(() => convert(this.compute()));
  }
}

/** Its rows have the columns that the statement selects. */
function resultOf<Row extends object>({ result }: Sent): QueryResult<Row> {
  if (!result) throw new Error('the statement has not been answered yet');
  return result as QueryResult<Row>;
}

/** The transaction as adapters know it, which can send statements. */
export function pgOf(transaction: Transaction): PgTransaction {
  if (transaction instanceof PgTransaction) return transaction;
  throw new TypeError('a transaction of another database');
}
