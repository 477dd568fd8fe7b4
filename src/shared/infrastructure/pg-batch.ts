import { type ClientBase, type Connection, Query, type QueryResult, type Submittable } from 'pg';
import { nameOf, PreparedStatements } from './prepared-statements.js';

export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
  /** Not kept by the server: planned for this execution alone, by what the tables hold at the moment. */
  readonly once?: boolean | undefined;
}

/** What a client of `pg` calls on the query under way, with the server's messages (pg 8.23, client.js and query.js). */
interface Recipient extends Submittable {
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
}

interface Member extends Recipient {
  /** Undefined for a statement that is not kept. */
  readonly name?: string;
}

type Callback = (error: Error | undefined, results: readonly QueryResult[]) => void;

/**
 * Sends statements together: one round trip, one write and one wake-up for all. They run one after another, each with a snapshot of its own.
 *
 * They share one Sync, so the server skips what stands behind a failed one (PostgreSQL's manual, "Pipelining"). With `pipeline: true` of `pg` each has
 * its own, and what follows a BEGIN that was cancelled would be committed by itself.
 *
 * @returns one result each. @throws the first error; nothing behind it was run.
 */
export function sendTogether(client: ClientBase, statements: readonly Statement[]): Promise<readonly QueryResult[]> {
  return new Promise((resolve, reject) => {
    client.query(new Batch(statements, (error, results) => (error ? reject(error) : resolve(results))));
  });
}

class Batch implements Recipient {
  readonly #queries: readonly Member[];
  readonly #results: QueryResult[] = [];
  #error: Error | undefined;
  #completed = 0;
  #prepared: PreparedStatements | undefined;

  /** @param callback stays replaceable: `pg` puts its own in front where it watches the time. */
  constructor(
    statements: readonly Statement[],
    public callback: Callback,
  ) {
    this.#queries = statements.map(({ text, parameters, once }) => {
      const query = new Query(text, [...parameters], (error, result) => {
        if (error) this.#error ??= error;
        else this.#results.push(result);
      });
      // Given as a configuration they are copied with all their property descriptors: 5 µs.
      return Object.assign(query as unknown as Member, { name: once ? undefined : nameOf(text), queryMode: 'extended' });
    });
  }

  submit(connection: Connection): void {
    const prepared = PreparedStatements.of(connection);
    this.#prepared = prepared;
    const facade = Object.create(connection, {
      sync: { value: () => undefined },
      parsedStatements: { value: prepared.texts },
      submittedNamedStatements: { value: prepared.texts },
    }) as Connection;
    connection.stream.cork();
    for (const query of this.#queries) {
      if (query.name !== undefined && prepared.countExecution(query.name)) {
        // The second parameter is asked for by the types alone.
        connection.close({ type: 'S', name: query.name }, true);
      }
      query.submit(facade);
      // A parameter could not be written: what stands behind must not run, a COMMIT least of all.
      if (this.#error) break;
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription(message: unknown): void {
    this.#queries[this.#completed]?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.#queries[this.#completed]?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    this.#queries[this.#completed++]?.handleCommandComplete(message, connection);
  }

  handleReadyForQuery(connection: Connection): void {
    if (!this.#error) this.#queries.forEach((query) => query.handleReadyForQuery(connection));
    if (this.#error) this.#prepared?.forget();
    this.callback(this.#error, this.#results);
  }

  handleError(error: Error): void {
    this.#prepared?.forget();
    this.callback(error, []);
  }
}
