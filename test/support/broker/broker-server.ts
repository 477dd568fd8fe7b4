import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { RabbitMq, RABBITMQ_PROGRAMS } from '../../../src/service/roles/rabbitmq.js';

export { isBrokerInstalled } from '../../../src/service/roles/rabbitmq.js';

const READY_WITHIN_MS = 120_000;

/** A RabbitMQ of our own in a folder that goes when it does. It can be crashed, and comes back. */
export class BrokerServer {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly broker: RabbitMq,
  ) {}

  static async start(): Promise<BrokerServer> {
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-broker-'));
    const server = new BrokerServer(folder, await RabbitMq.inFolder(folder));
    await server.restart();
    return server;
  }

  get port(): number {
    return this.broker.port;
  }

  get uri(): string {
    return this.broker.uri;
  }

  /** Starts it where it was; what was on its disk is there. */
  async restart(): Promise<void> {
    this.#process = this.broker.spawn();
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.broker.isReady())) {
      if (Date.now() > deadline)
        throw new Error(`the broker did not start, see ${this.broker.logFile}`);
      await pause(50);
    }
  }

  /** Runs `rabbitmqctl` on it. */
  async control(...args: readonly string[]): Promise<void> {
    const env = this.broker.environment;
    await promisify(execFile)(join(RABBITMQ_PROGRAMS, 'rabbitmqctl'), args, { env });
  }

  /** Every process of it is gone at once. */
  async crash(): Promise<void> {
    const running = this.#process;
    if (!running?.pid) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    process.kill(-running.pid, 'SIGKILL');
    await ended;
    while (await this.broker.isReady()) await pause(10);
  }

  /** SIGSTOP and SIGCONT are a machine that stands still. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process?.pid) process.kill(-this.#process.pid, signal);
  }

  async stop(): Promise<void> {
    this.signal('SIGCONT');
    await this.crash();
    this.broker.endNameServer();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
