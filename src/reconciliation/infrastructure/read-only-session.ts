import type { Client } from 'pg';
import { connect, TRANSACTION_SETTINGS } from '../../platform/postgres/connect.js';
import { translateFailure } from '../../platform/postgres/failures.js';

/**
 * How long a statement may take, in milliseconds: a ledger may have hundreds of millions of rows.
 */
const STATEMENT_MS = 3_600_000;

/** The server gives up first, so that we see its answer, and not a broken connection. */
const ANSWER_MS = STATEMENT_MS + 60_000;

/** How many rows are fetched at a time. */
const FETCH = 1_000;

/** SQLSTATE: a standby or a database that is set so, a role without the right. */
const MAY_NOT_WRITE = /^(25006|42501)$/;

/**
 * All statements see one moment, and write nothing. The only writers that readers can lock out, and
 * have to wait for, are migrations: we give up after 5 s. A consumer that does not go on for 10
 * minutes (a pager) is cut off, because an old snapshot keeps VACUUM from its work. We take one
 * core only, and parallel workers could not serve a cursor anyway.
 */
const BEGIN = `
  BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  ${TRANSACTION_SETTINGS};
  SET LOCAL statement_timeout = ${STATEMENT_MS};
  SET LOCAL lock_timeout = '5s';
  SET LOCAL idle_in_transaction_session_timeout = '10min';
  SET LOCAL work_mem = '64MB';
  SET LOCAL cursor_tuple_fraction = 1;
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL jit = off;`;

/**
 * A connection of its own, with a read-only transaction open on it. The pool keeps all of its
 * connections meanwhile, and its time-outs do not end a long statement.
 */
export class ReadOnlySession {
  private constructor(
    private readonly uri: string,
    private readonly client: Client,
    private readonly backend: number,
  ) {}

  /** @throws DatabaseUnavailable */
  static async open(uri: string): Promise<ReadOnlySession> {
    const client = await openSession(uri);
    try {
      await client.query(BEGIN);
      const { rows } = await client.query<{ backend: number }>(
        'SELECT pg_backend_pid() AS backend',
      );
      return new ReadOnlySession(uri, client, rows[0]?.backend ?? 0);
    } catch (error) {
      await client.end();
      throw translateFailure(error);
    }
  }

  async query<Row extends object>(text: string, parameters: unknown[] = []): Promise<Row[]> {
    try {
      return (await this.client.query<Row>(text, parameters)).rows;
    } catch (error) {
      throw translateFailure(error);
    }
  }

  /** The rows of `select`, some at a time, however many there are. One cursor at a time. */
  async *rows<Row extends object>(select: string): AsyncGenerator<Row> {
    await this.query(`DECLARE found NO SCROLL CURSOR FOR ${select}`);
    for (;;) {
      const rows = await this.query<Row>(`FETCH ${FETCH} FROM found`);
      if (rows.length === 0) break;
      yield* rows;
    }
    await this.query('CLOSE found');
  }

  /** Ends the running statement on the server, too, which would go on without a connection. */
  async cancel(): Promise<void> {
    try {
      const other = await openSession(this.uri);
      await other.query('SELECT pg_cancel_backend($1)', [this.backend]).finally(() => other.end());
    } catch {
      // A server that is away has cancelled by itself.
    }
    await this.close();
  }

  /**
   * Ends the transaction, and runs a statement that writes, where this role may write to this
   * database.
   */
  async endWith(text: string, parameters: unknown[]): Promise<void> {
    await this.query(`COMMIT; BEGIN ISOLATION LEVEL READ COMMITTED; ${TRANSACTION_SETTINGS}`);
    try {
      await this.client.query(text, parameters);
      await this.client.query('COMMIT');
    } catch (error) {
      if (!MAY_NOT_WRITE.test((error as { code?: string }).code ?? ''))
        throw translateFailure(error);
    }
  }

  /** Nothing was written, so the transaction need not end first. */
  close(): Promise<void> {
    return this.client.end();
  }
}

async function openSession(uri: string): Promise<Client> {
  try {
    return await connect(uri, {
      query_timeout: ANSWER_MS,
      keepAlive: true,
      application_name: 'gophermart reconciliation',
    });
  } catch (error) {
    throw translateFailure(error);
  }
}
