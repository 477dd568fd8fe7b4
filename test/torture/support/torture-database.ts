import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../src/embedded-postgres/embedded-postgres.js';

/**
 * An embedded PostgreSQL with its default durability, in a folder that goes when it does; it can be
 * crashed and comes back on its port.
 */
export class TortureDatabase {
  private constructor(
    /** For logs of the run too. */
    readonly folder: string,
    private server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<TortureDatabase> {
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-torture-'));
    // As root the server runs as nobody, who must get through to its data.
    chmodSync(folder, 0o755);
    return new TortureDatabase(folder, await startServer(folder));
  }

  get uri(): string {
    return this.server.uri;
  }

  /**
   * `pg_ctl stop -m immediate`: every server process is gone at once, and the next start replays
   * the log.
   */
  async crash(): Promise<void> {
    const pidFile = join(this.server.folder, 'cluster/pgdata/postmaster.pid');
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGQUIT');
    while (isAlive(pid)) await pause(5);
    await this.server.stop();
  }

  async restart(): Promise<void> {
    const { uri } = this.server;
    this.server = await startServer(this.folder);
    if (this.server.uri !== uri)
      throw new Error(`the database came back at another address: ${this.server.uri}`);
  }

  /** Removes everything unless `keep`. */
  async stop(keep = false): Promise<void> {
    await this.server.stop();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}

function startServer(folder: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ folder: join(folder, 'postgres'), log: () => undefined });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
