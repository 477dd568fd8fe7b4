import type { Connection } from 'pg';

/**
 * How long a prepared statement is used, on each connection. PostgreSQL plans it for tables as
 * large as they are at that moment, and keeps the plan until they are analysed. A plan for empty
 * tables reads them whole, while they grow by ten thousand rows a second (ADR 0021).
 *
 * When statements that were sent together were slow, everything is prepared again: a claim that was
 * planned for an empty queue took hundreds of times as long once there were a million rows in it.
 */
const LIMITS = { executions: 64, ms: 5_000, slowMs: 100 };

const names = new Map<string, string>();

const ofConnections = new WeakMap<Connection, PreparedStatements>();

/** One name for one text, on every connection. Texts are constants of the adapters: some dozens. */
export function nameOf(text: string): string {
  const name = names.get(text) ?? `statement_${names.size + 1}`;
  names.set(text, name);
  return name;
}

/** How often a change of the tables has made plans stale. */
let staleness = 0;

/**
 * The text as it is sent. After a plan turned out stale ("cached plan must not change result type")
 * it is another text: a pooler keeps prepared statements by their text and would send the old one.
 */
export function freshText(text: string): string {
  return staleness === 0 ? text : `${text} /* ${staleness} */`;
}

/** To be called when a plan turned out stale. */
export function planIsStale(): void {
  staleness++;
}

/** The statements that a connection's server has parsed, and may have planned. */
export class PreparedStatements {
  /**
   * Texts by statement name. `pg` keeps two such lists, of what was parsed and of what was
   * submitted; it is given this one for both. It has the server parse what is missing here, and
   * adds it.
   */
  readonly texts: Record<string, string | undefined> = {};
  readonly #served = new Map<string, { executions: number; readonly until: number }>();

  static of(connection: Connection): PreparedStatements {
    const prepared = ofConnections.get(connection) ?? new PreparedStatements();
    ofConnections.set(connection, prepared);
    return prepared;
  }

  /**
   * Counts an execution.
   *
   * @returns true where the statement must be prepared for it. What the server has under the name
   * must be closed first.
   */
  countExecution(name: string): boolean {
    const now = performance.now();
    const served = this.#served.get(name);
    if (served && served.executions < LIMITS.executions && now < served.until) {
      served.executions++;
      return false;
    }
    this.#served.set(name, { executions: 1, until: now + LIMITS.ms });
    this.texts[name] = undefined;
    return true;
  }

  /** How long statements that were sent together took in all. */
  tookMs(ms: number): void {
    if (ms > LIMITS.slowMs) this.forget();
  }

  /** Call it after a failure: which of the statements were parsed is not known then. */
  forget(): void {
    this.#served.clear();
  }
}
