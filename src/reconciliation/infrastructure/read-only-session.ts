import type { Client } from 'pg';
import { connect } from '../../platform/postgres/connect.js';
import { translateFailure } from '../../platform/postgres/failures.js';

/**
 * A statement over a ledger of hundreds of millions may take its time: so long, in milliseconds.
 */
const STATEMENT_MS = 3_600_000;

/** The server gives up first, so that its answer, and not a broken connection, is what we see. */
const ANSWER_MS = STATEMENT_MS + 60_000;

/** Rows in hand at a time. */
const FETCH = 1_000;

/**
 * One moment for all statements, and nothing written. Readers lock out migrations only: behind one
 * we give up after 5 s. A consumer that holds us up (a pager) for 10 minutes is cut off: an old
 * snapshot keeps VACUUM from its work. One core is enough for us: no parallel workers, and none of
 * them could serve a cursor.
 */
const BEGIN = `
  BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
  SET LOCAL statement_timeout = ${STATEMENT_MS};
  SET LOCAL lock_timeout = '5s';
  SET LOCAL idle_in_transaction_session_timeout = '10min';
  SET LOCAL work_mem = '64MB';
  SET LOCAL cursor_tuple_fraction = 1;
  SET LOCAL max_parallel_workers_per_gather = 0;
  SET LOCAL jit = off;`;

/**
 * A connection of its own with a read-only transaction open on it: none of the pool's is missing
 * meanwhile, and none of its time-outs ends a long statement.
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
      const { rows } = await client.query<{ backend: number }>(
        'SELECT pg_backend_pid() AS backend',
      );
      await client.query(BEGIN);
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

  /**
   * Ends the statement on its way, on the server too: it would read on for a connection that is
   * gone.
   */
  async cancel(): Promise<void> {
    try {
      const other = await openSession(this.uri);
      await other.query('SELECT pg_cancel_backend($1)', [this.backend]).finally(() => other.end());
    } catch {
      // A server that is away cancels by itself.
    }
    await this.close();
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
