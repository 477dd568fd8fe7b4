import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePortFrom } from '../../../src/service/roles/ports.js';
import { JWT_SECRET } from '../http/forged-token.js';

/** This clone, or the build that `SERVICE_BUILD` names: one with a bug, to see a test find it. */
export const BUILD = process.env['SERVICE_BUILD'] ?? join(import.meta.dirname, '../../..');
const READY_WITHIN_MS = 120_000;

export interface ServiceOptions {
  readonly databaseUri: string;
  readonly accrualAddress: string;
  /** Gets what the process prints. */
  readonly logFile: string;
  /** Settings by their variables' names, besides those above. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder of another build, and another Node to run it with, and its flags. */
  readonly build?: string | undefined;
  readonly node?: string | undefined;
  readonly flags?: readonly string[];
  /** Descriptors for its stdout and stderr, in place of the log file. */
  readonly outputs?: readonly [number, number];
}

/** The file that runs the service of a build. */
export function mainOf(build: string): string {
  return join(build, 'dist/src/main.js');
}

/** The built service as a process, on one port however often it is started again. */
export class ServiceProcess {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly options: ServiceOptions,
  ) {}

  static async start(options: ServiceOptions): Promise<ServiceProcess> {
    const service = new ServiceProcess(await freePort(), options);
    await service.start();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Undefined while it is not running. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when it is ready for traffic. @throws Error when it ends, or takes two minutes. */
  async start(): Promise<void> {
    const { databaseUri, accrualAddress, logFile, settings } = this.options;
    const { build = BUILD, node = process.execPath, flags = [], outputs } = this.options;
    const address = `127.0.0.1:${this.port}`;
    const child = spawn(
      node,
      [...flags, mainOf(build), '-a', address, '-d', databaseUri, '-r', accrualAddress],
      {
        // Neither the user's own settings nor their .env count here.
        env: {
          PATH: process.env['PATH'],
          JWT_SECRET,
          LOG_LEVEL: 'warn',
          STOP_DELAY_MS: '0',
          ...settings,
        },
        cwd: '/',
        stdio: ['ignore', ...(outputs ?? (['pipe', 'pipe'] as const))],
      },
    );
    for (const output of [child.stdout, child.stderr])
      output?.on('data', (chunk: Buffer) => appendFileSync(logFile, chunk));
    child.on('error', (error) => appendFileSync(logFile, `${error}\n`));
    for (const end of ['exit', 'error'])
      child.once(end, () => {
        if (this.#process === child) this.#process = undefined;
      });
    this.#process = child;
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.#isReady())) {
      await pause(20);
      if (this.#process !== child)
        throw new Error(`a service ended before it was ready:\n${lastLinesOf(logFile)}`);
      if (Date.now() > deadline) {
        await this.end('SIGKILL');
        throw new Error(
          `a service was not ready within ${READY_WITHIN_MS} ms:\n${lastLinesOf(logFile)}`,
        );
      }
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
    // A process that SIGSTOP has paused gets SIGTERM only when it goes on.
    child.kill('SIGCONT');
    const [code] = await exit;
    return code;
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }
}

function lastLinesOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(-20).join('\n') : file;
}

/**
 * Each of Jest's workers has its own, and so has each process: two that look at once would find the
 * same one free, and who restarts a service at its port must not meet another one's there.
 */
let nextPort =
  8_000 + 4_000 * (Number(process.env['JEST_WORKER_ID'] ?? 0) % 3) + 40 * (process.pid % 50);

/** A port of loopback that is free, and stays so until it is used. */
export async function freePort(): Promise<number> {
  const port = await freePortFrom('127.0.0.1', nextPort++);
  nextPort = Math.max(nextPort, port + 1);
  return port;
}
