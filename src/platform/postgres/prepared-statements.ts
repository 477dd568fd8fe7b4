import type { Connection } from 'pg';

/**
 * How long a preparation serves, for each connection and statement. PostgreSQL plans for tables as
 * large as they are at that moment and keeps to it until they are analysed: a plan made for empty
 * tables goes through all of them, while they grow by ten thousand rows a second. To prepare anew
 * costs 0.3 ms.
 *
 * One that turns out slow ends at once: a claim that was planned for an empty queue took 1.5 s of a
 * million rows, and 2 ms when it was planned anew.
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

/** The statements that a connection's server has parsed, and may have planned. */
export class PreparedStatements {
  /**
   * By their names; for `pg` both what was parsed and what was submitted. It has parsed what is not
   * among them, and adds it.
   */
  readonly texts: Record<string, string | undefined> = {};
  readonly #served = new Map<string, { executions: number; readonly until: number }>();

  static of(connection: Connection): PreparedStatements {
    const prepared = ofConnections.get(connection) ?? new PreparedStatements();
    ofConnections.set(connection, prepared);
    return prepared;
  }

  /**
   * Counts an execution. True where the statement must be prepared for it: whatever the server has
   * under the name is to be closed first.
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

  /** How long the statements of a batch took together. */
  tookMs(ms: number): void {
    if (ms > LIMITS.slowMs) this.forget();
  }

  /** After a failure, for nobody knows which statements of a batch the server came to parse. */
  forget(): void {
    this.#served.clear();
  }
}
