import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../src/embedded-postgres/index.js';
import { childrenOf } from './proc.js';

/** Runs statements one after another in one session. */
export type Query = <Row>(text: string, parameters?: unknown[]) => Promise<Row[]>;

/** A statement that takes longer has met a database that is gone. */
const QUERY_TIMEOUT_MS = 300_000;

/** PostgreSQL's own settings, by their names. */
type Settings = Readonly<Record<string, string>>;

/**
 * An embedded PostgreSQL with its default durability, in a folder that goes when it does. It can be
 * crashed, and comes back on its port.
 */
export class DatabaseServer {
  private constructor(
    /** For logs of the run too. */
    readonly folder: string,
    private server: EmbeddedPostgres,
    private settings: Settings = {},
  ) {}

  /** @param parent where its folder is made. */
  static async start(parent = tmpdir()): Promise<DatabaseServer> {
    const folder = newFolder(parent);
    try {
      return new DatabaseServer(folder, await startServer(folder));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A primary and its standby, which every COMMIT waits for. */
  static async startPair(): Promise<{ primary: DatabaseServer; standby: DatabaseServer }> {
    const primary = await DatabaseServer.start();
    const folder = newFolder(tmpdir());
    const cluster = join(primary.server.folder, 'cluster');
    const copy = join(folder, 'postgres/cluster');
    await primary.server.stop();
    mkdirSync(join(folder, 'postgres'));
    execFileSync('cp', ['-a', cluster, copy]);
    writeFileSync(join(copy, 'pgdata/standby.signal'), '');
    primary.settings = { synchronous_standby_names: '*' };
    await primary.restart();
    const { hostname, port, username, password } = new URL(primary.uri());
    const settings = {
      primary_conninfo: `host=${hostname} port=${port} user=${username} password=${password}`,
    };
    const standby = new DatabaseServer(folder, await startServer(folder, settings), settings);
    return { primary, standby };
  }

  /** Of one of its databases; of the one that is there from the beginning without a name. */
  uri(database?: string): string {
    const uri = new URL(this.server.uri);
    if (database !== undefined) uri.pathname = `/${database}`;
    return uri.href;
  }

  /** The process id of its postmaster. */
  get postmaster(): number {
    return Number(readFileSync(join(this.pgdata, 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  get pgdata(): string {
    return join(this.server.folder, 'cluster/pgdata');
  }

  /** A session of its own, which ends with `work`. */
  async session<T>(database: string | undefined, work: (query: Query) => Promise<T>): Promise<T> {
    const client = new Client({
      connectionString: this.uri(database),
      query_timeout: QUERY_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(
        async <Row>(text: string, parameters?: unknown[]) =>
          (await client.query(text, parameters)).rows as Row[],
      );
    } finally {
      await client.end();
    }
  }

  /** One statement in the database that is there from the beginning. */
  query<Row>(text: string, parameters?: unknown[]): Promise<Row[]> {
    return this.session(undefined, (query) => query<Row>(text, parameters));
  }

  /** An empty database, or a copy of `template`, which nobody may be connected to. */
  async create(database: string, template = 'template1'): Promise<void> {
    // The other strategy writes every page of the template to the log.
    await this.session('postgres', (query) =>
      query(`CREATE DATABASE ${database} TEMPLATE ${template} STRATEGY file_copy`),
    );
  }

  async drop(database: string): Promise<void> {
    await this.session('postgres', (query) =>
      query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
    );
  }

  /** `pg_ctl stop -m immediate`: every process is gone at once, the next start replays the log. */
  async crash(): Promise<void> {
    const pid = this.postmaster;
    process.kill(pid, 'SIGQUIT');
    while (isAlive(pid)) await pause(5);
    await this.server.stop();
  }

  /** All its processes at once: SIGSTOP and SIGCONT are a machine that stands still. */
  signalAll(signal: NodeJS.Signals): void {
    const { postmaster } = this;
    for (const pid of [postmaster, ...childrenOf(postmaster)])
      try {
        process.kill(pid, signal);
      } catch {
        // A backend has ended meanwhile.
      }
  }

  async restart(): Promise<void> {
    const { uri } = this.server;
    this.server = await startServer(this.folder, this.settings);
    if (this.server.uri !== uri)
      throw new Error(`the database came back at another address: ${this.server.uri}`);
  }

  /** Removes everything unless `keep`. */
  async stop(keep = false): Promise<void> {
    await this.server.stop();
    if (keep) return;
    // The data is elsewhere where the server's account cannot reach the folder.
    for (const each of [this.server.folder, this.folder])
      rmSync(each, { recursive: true, force: true });
  }
}

function startServer(folder: string, settings: Settings = {}): Promise<EmbeddedPostgres> {
  const log = (): void => undefined;
  return startEmbeddedPostgres({ folder: join(folder, 'postgres'), log, settings });
}

function newFolder(parent: string): string {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'gophermart-'));
  // As root the server runs as nobody, who must get through to its data.
  chmodSync(folder, 0o755);
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
