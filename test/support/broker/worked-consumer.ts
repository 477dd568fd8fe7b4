import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const AGAIN_AFTER_MS = 200;

/** The consumer of docs/events.md, as a process that can be killed. */
export class WorkedConsumer {
  #process: ChildProcess | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;

  constructor(
    private readonly brokerUri: string,
    private readonly databaseUri: string,
  ) {}

  /** Resolves when it waits for messages. Where it ends by itself it is started again. */
  async start(): Promise<void> {
    this.#isWanted = true;
    await new Promise<void>((resolve) => {
      this.#running = this.#run(resolve);
    });
  }

  async #run(ready: () => void): Promise<void> {
    while (this.#isWanted) {
      const child = spawn(process.execPath, ['docs/consumer.mjs'], {
        env: { PATH: process.env['PATH'], AMQP: this.brokerUri, DATABASE_URI: this.databaseUri },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      this.#process = child;
      child.stdout.once('data', ready);
      await once(child, 'exit');
      // A broker that has just started may not know its queues yet.
      await pause(AGAIN_AFTER_MS);
    }
  }

  async kill(): Promise<void> {
    this.#isWanted = false;
    this.#process?.kill('SIGKILL');
    await this.#running;
  }
}
