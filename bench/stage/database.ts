import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/embedded-postgres/embedded-postgres.js';

/** Not the system's temporary folder: where that is kept in memory, commits would cost nothing. */
export const DATA = join(import.meta.dirname, '../../data/bench');

/** Runs statements one after another in one session. */
export type Query = <Row>(text: string, parameters?: unknown[]) => Promise<Row[]>;

/**
 * The embedded PostgreSQL with its default settings, in a folder that goes when it does; one
 * database for each set of books.
 */
export class BenchDatabase {
  private constructor(
    private readonly folder: string,
    private readonly server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<BenchDatabase> {
    mkdirSync(DATA, { recursive: true });
    const folder = mkdtempSync(join(DATA, 'postgres-'));
    // As root the server runs as nobody, who must get through to its data.
    chmodSync(folder, 0o755);
    try {
      return new BenchDatabase(
        folder,
        await startEmbeddedPostgres({ folder: join(folder, 'area'), log: () => undefined }),
      );
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Where the data is, which is not below {@link DATA} where the server's account cannot reach
   * that.
   */
  get area(): string {
    return this.server.folder;
  }

  get postmaster(): number {
    return Number(
      readFileSync(join(this.area, 'cluster/pgdata/postmaster.pid'), 'utf8').split('\n')[0],
    );
  }

  uri(database: string): string {
    const uri = new URL(this.server.uri);
    uri.pathname = `/${database}`;
    return uri.href;
  }

  /** A session of its own; it ends with `work`. */
  async session<T>(database: string, work: (query: Query) => Promise<T>): Promise<T> {
    const client = new Client({
      connectionString: this.uri(database),
      application_name: 'gophermart bench',
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(async <Row>(text: string, parameters?: unknown[]) => {
        const { rows } = await client.query(text, parameters);
        return rows as Row[];
      });
    } finally {
      await client.end();
    }
  }

  async query<Row>(database: string, text: string, parameters?: unknown[]): Promise<Row[]> {
    return this.session(database, (query) => query<Row>(text, parameters));
  }

  /** An empty database, or a copy of `template`, which nobody may be connected to. */
  async create(database: string, template = 'template1'): Promise<void> {
    // The other strategy writes every page of the template to the log.
    await this.query(
      'postgres',
      `CREATE DATABASE ${database} TEMPLATE ${template} STRATEGY file_copy`,
    );
  }

  async drop(database: string): Promise<void> {
    await this.query('postgres', `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }

  /** What a commit is worth here, as the server says. */
  async durability(): Promise<Record<string, string>> {
    const names = ['server_version', 'fsync', 'synchronous_commit', 'full_page_writes'];
    const rows = await this.query<{ name: string; setting: string }>(
      'postgres',
      'SELECT name, setting FROM pg_settings WHERE name = ANY($1)',
      [names],
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.area, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}
