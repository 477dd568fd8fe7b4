import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_AFTER_MS = 200;

/** The consumer of docs/events.md, as a process that can be killed. */
export class WorkedConsumer {
  #process: ChildProcess | undefined;
  #isWanted = false;

  constructor(
    private readonly brokerUri: string,
    private readonly databaseUri: string,
  ) {}

  /** Resolves when it waits for messages. Where it ends by itself it is started again. */
  async start(): Promise<void> {
    this.#isWanted = true;
    const child = spawn(process.execPath, ['docs/consumer.mjs'], {
      env: { PATH: process.env['PATH'], AMQP: this.brokerUri, DATABASE_URI: this.databaseUri },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    const ended = once(child, 'exit');
    void ended.then(async () => {
      await pause(AGAIN_AFTER_MS);
      if (this.#process === child && this.#isWanted) await this.start().catch(() => undefined);
    });
    await Promise.race([
      once(child.stdout, 'data'),
      ended.then(() => Promise.reject(new Error('the consumer ended before it was ready'))),
    ]);
  }

  async kill(): Promise<void> {
    this.#isWanted = false;
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
