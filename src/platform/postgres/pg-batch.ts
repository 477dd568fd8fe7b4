import { type ClientBase, type Connection, Query, type QueryResult, type Submittable } from 'pg';
import { hasStalePlan } from './failures.js';
import { freshText, nameOf, planIsStale, PreparedStatements } from './prepared-statements.js';

export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
  /** BEGIN, COMMIT and the like: not worth preparing, as there is nothing to plan. */
  readonly isCommand?: true;
}

/**
 * What a client of `pg` calls on the query under way, with the server's messages (pg 8.23,
 * client.js and query.js).
 */
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
 * Sends statements together: one round trip, one write and one wake-up for all. They run one after
 * another, each with a snapshot of its own.
 *
 * They share one Sync, so the server skips what stands behind a failed one (PostgreSQL's manual,
 * "Pipelining"). With `pipeline: true` of `pg` each has its own, and what follows a BEGIN that was
 * cancelled would be committed by itself.
 *
 * @param patienceMs how long the answers may take, in milliseconds; `beforeLast` counts.
 * @param beforeLast the last statement waits for it while the others run; where it rejects, the
 * last one is not sent.
 * @returns one result each. @throws the first error, or that of `beforeLast`; nothing behind it was
 * run.
 */
export function sendTogether(
  client: ClientBase,
  statements: readonly Statement[],
  patienceMs: number,
  beforeLast?: Promise<void>,
): Promise<readonly QueryResult[]> {
  return new Promise((resolve, reject) => {
    client.query(
      new Batch(
        statements,
        patienceMs,
        (error, results) => (error ? reject(error) : resolve(results)),
        beforeLast,
      ),
    );
  });
}

class Batch implements Recipient {
  readonly #queries: readonly Member[];
  readonly #results: QueryResult[] = [];
  #error: Error | undefined;
  #completed = 0;
  #sentAt = 0;
  #prepared: PreparedStatements | undefined;
  /** Resolves to undefined, or to the reason why the last statement must not be sent. */
  readonly #lastMayGo: Promise<Error | undefined> | undefined;

  /**
   * @param query_timeout in milliseconds; the name is `pg`'s, which watches the time.
   * @param callback is replaced by `pg`, which puts its own in front.
   */
  constructor(
    statements: readonly Statement[],
    readonly query_timeout: number,
    public callback: Callback,
    beforeLast?: Promise<void>,
  ) {
    this.#lastMayGo = beforeLast?.then(
      () => undefined,
      (reason: unknown) =>
        reason instanceof Error
          ? reason
          : new Error('the last statement was held back', { cause: reason }),
    );
    this.#queries = statements.map(({ text: given, parameters, isCommand }) => {
      const text = isCommand ? given : freshText(given);
      const query = new Query(text, [...parameters], (error, result) => {
        if (error) this.#error ??= error;
        else this.#results.push(result);
      });
      // As a configuration they would be copied with all their property descriptors.
      return Object.assign(query as unknown as Member, {
        name: isCommand ? undefined : nameOf(text),
        queryMode: 'extended',
      });
    });
  }

  submit(connection: Connection): void {
    this.#prepared = PreparedStatements.of(connection);
    this.#sentAt = performance.now();
    connection.stream.cork();
    this.#queries.slice(0, -1).forEach((query) => this.#send(query, connection));
    if (this.#lastMayGo) {
      void this.#lastMayGo.then((refusal) => {
        this.#error ??= refusal;
        this.#sendLast(connection);
      });
    } else {
      this.#sendLast(connection);
    }
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
    else this.#prepared?.tookMs(performance.now() - this.#sentAt);
    this.callback(this.#error, this.#results);
  }

  handleError(error: Error): void {
    if (hasStalePlan(error)) planIsStale();
    this.#error ??= error;
    this.#prepared?.forget();
    this.callback(error, []);
  }

  #sendLast(connection: Connection): void {
    connection.stream.cork();
    this.#queries.slice(-1).forEach((query) => this.#send(query, connection));
    connection.sync();
    connection.stream.uncork();
  }

  #send(query: Member, connection: Connection): void {
    const prepared = PreparedStatements.of(connection);
    // Writing a parameter has failed: nothing behind it may run, above all no COMMIT.
    if (this.#error) return;
    if (query.name !== undefined && prepared.countExecution(query.name)) {
      // Only the typings ask for the second argument.
      connection.close({ type: 'S', name: query.name }, true);
    }
    query.submit(withoutSync(connection, prepared));
  }
}

/** The connection as one statement of several sees it. */
function withoutSync(connection: Connection, { texts }: PreparedStatements): Connection {
  return Object.create(connection, {
    sync: { value: () => undefined },
    parsedStatements: { value: texts },
    submittedNamedStatements: { value: texts },
  }) as Connection;
}
