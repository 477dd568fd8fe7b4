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
    for (;;) {
      const child = spawn(process.execPath, ['docs/consumer.mjs'], {
        env: { PATH: process.env['PATH'], AMQP: this.brokerUri, DATABASE_URI: this.databaseUri },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      this.#process = child;
      const ended = once(child, 'exit').then(() => 'ended');
      // A broker that has just started may not know its queues yet.
      if ((await Promise.race([once(child.stdout, 'data'), ended])) !== 'ended') {
        void ended.then(() => this.#again(child));
        return;
      }
      await pause(AGAIN_AFTER_MS);
    }
  }

  async #again(child: ChildProcess): Promise<void> {
    await pause(AGAIN_AFTER_MS);
    if (this.#process === child && this.#isWanted) await this.start();
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
