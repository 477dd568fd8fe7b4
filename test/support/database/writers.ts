import { Client } from 'pg';
import type { TestDatabase } from './test-database.js';

/** Somebody who writes, step by step, on a connection of their own. */
export class Writer {
  constructor(private readonly client: Client) {}

  async begin(): Promise<this> {
    await this.client.query('BEGIN');
    return this;
  }

  /** What a batch does before its locks. */
  async takeId(): Promise<this> {
    await this.client.query('SELECT pg_current_xact_id()');
    return this;
  }

  async write(type: string): Promise<this> {
    await this.client.query('INSERT INTO gophermart.events (type, data) VALUES ($1, $2)', [
      type,
      '{}',
    ]);
    return this;
  }

  /** Any statement. */
  async run(statement: string): Promise<this> {
    await this.client.query(statement);
    return this;
  }

  async commit(): Promise<void> {
    await this.client.query('COMMIT');
  }

  async rollBack(): Promise<void> {
    await this.client.query('ROLLBACK');
  }
}

/** Those of one test. */
export class Writers {
  readonly #clients: Client[] = [];

  constructor(private readonly database: TestDatabase) {}

  async connected(): Promise<Writer> {
    const client = new Client({ connectionString: this.database.uri });
    this.#clients.push(client);
    await client.connect();
    return new Writer(client);
  }

  /** Events that are committed one after another. */
  async committed(...types: string[]): Promise<void> {
    for (const type of types) {
      const writer = await (await this.connected()).begin();
      await (await writer.write(type)).commit();
    }
  }

  async end(): Promise<void> {
    for (const client of this.#clients) await client.end();
  }
}
