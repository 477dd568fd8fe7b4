import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** `TORTURE_MAIN` names another build: a copy with a bug planted in it, to see a part find it. */
const MAIN = process.env['TORTURE_MAIN'] ?? join(import.meta.dirname, '../../../dist/src/main.js');
const READY_WITHIN_MS = 60_000;

/** Every replica signs with it: they must accept each other's tokens. */
export const JWT_SECRET = 'a secret for torture, long enough';

export interface ReplicaOptions {
  readonly databaseUri: string;
  readonly accrualAddress: string;
  /** Gets what the process prints. */
  readonly logFile: string;
  /** Settings by their variables' names, besides those above. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The built service as a process of its own, on one port for all its lives. */
export class Replica {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly options: ReplicaOptions,
  ) {}

  static async start(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(await freePort(), options);
    await replica.start();
    return replica;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Undefined while it is not running. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves once it is ready for traffic. */
  async start(): Promise<void> {
    const { databaseUri, accrualAddress, logFile, settings } = this.options;
    const child = spawn(
      process.execPath,
      [MAIN, '-a', `127.0.0.1:${this.port}`, '-d', databaseUri, '-r', accrualAddress],
      {
        // Nothing of the user's own settings, and no .env of theirs either.
        env: {
          PATH: process.env['PATH'],
          JWT_SECRET,
          LOG_LEVEL: 'warn',
          STOP_DELAY_MS: '0',
          ...settings,
        },
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const keep = (chunk: Buffer): void => appendFileSync(logFile, chunk);
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('exit', () => {
      if (this.#process === child) this.#process = undefined;
    });
    this.#process = child;
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.isReady())) {
      await pause(20);
      if (this.#process !== child)
        throw new Error(`a replica ended before it was ready, see ${logFile}`);
      if (Date.now() > deadline)
        throw new Error(`a replica was not ready within ${READY_WITHIN_MS} ms, see ${logFile}`);
    }
  }

  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Sends `signal` and waits for the end; resolves with the exit code, null after a kill. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#process;
    if (!child) return null;
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    // A process that was paused by SIGSTOP hears SIGTERM only afterwards.
    child.kill('SIGCONT');
    const [code] = await exit;
    return code;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
