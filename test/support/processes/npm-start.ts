import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../eventually.js';

/** `npm start` as somebody types it. */
export class NpmStart {
  static readonly #running = new Set<NpmStart>();
  #output = '';

  private constructor(private readonly npm: ChildProcess) {
    for (const stream of [npm.stdout, npm.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
  }

  /** @param env is all that the process sees of the environment, besides what finds programs. */
  static run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd = process.cwd(),
  ): NpmStart {
    const { PATH = '', HOME = '' } = process.env;
    const npm = spawn('npm', ['start', '--', ...args], {
      cwd,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const start = new NpmStart(npm);
    NpmStart.#running.add(start);
    return start;
  }

  /** Ends what a failed test has left running. */
  static async endAll(): Promise<void> {
    for (const start of NpmStart.#running) await start.end('SIGTERM');
    NpmStart.#running.clear();
  }

  get output(): string {
    return this.#output;
  }

  /** Resolves with the API's base URL once the service says it is ready. */
  async ready(): Promise<string> {
    await eventually(
      'the service is ready',
      () => this.#output.includes('Stop it with Ctrl-C') || this.npm.exitCode !== null,
      150_000,
    );
    const url = /^ *API +(\S+)\/api\/user$/m.exec(this.#output)?.[1];
    if (url === undefined) throw new Error(`npm start did not get ready:\n${this.#output}`);
    return url;
  }

  /** The service's own process, below npm. */
  get servicePid(): number {
    const pid = /"pid":(\d+)/.exec(this.#output)?.[1];
    if (pid === undefined) throw new Error(`the log names no process:\n${this.#output}`);
    return Number(pid);
  }

  /** Resolves with the exit code and how long it took, in milliseconds. */
  async end(signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }> {
    const began = Date.now();
    if (this.npm.exitCode === null && this.npm.signalCode === null) {
      const exit = once(this.npm, 'exit');
      if (signal) this.npm.kill(signal);
      await exit;
    }
    return { code: this.npm.exitCode, ms: Date.now() - began };
  }
}
