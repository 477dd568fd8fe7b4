import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import { QUERY_QUEUE } from '../../../src/journal/index.js';
import { RabbitMq, RABBITMQ_PROGRAMS } from '../../../src/service/roles/rabbitmq.js';

export { isBrokerInstalled } from '../../../src/service/roles/rabbitmq.js';

/** The queue of the read model goes, with what is in it. */
export async function deleteQueryQueue(uri: string): Promise<void> {
  const connection = await connect(uri);
  await (await connection.createChannel()).deleteQueue(QUERY_QUEUE);
  await connection.close();
}

const READY_WITHIN_MS = 120_000;

/**
 * A quorum queue that is only seconds old when the broker is killed may wait for ever for a leader
 * afterwards: https://github.com/rabbitmq/rabbitmq-server/issues/10070. Whoever leads stays so.
 */
const ELECT_LEADERS = `[ra:trigger_election(amqqueue:get_pid(Queue)) ||
  Queue <- rabbit_amqqueue:list(), amqqueue:get_type(Queue) =:= rabbit_quorum_queue].`;

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
    await server.#start();
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
    await this.#start();
    await this.control('eval', ELECT_LEADERS);
  }

  async #start(): Promise<void> {
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

  /** Gives the read model a message that no relay has sent. */
  async sendToQueryQueue(text: string): Promise<void> {
    const connection = await connect(this.uri);
    const channel = await connection.createConfirmChannel();
    channel.sendToQueue(QUERY_QUEUE, Buffer.from(text));
    await channel.waitForConfirms();
    await connection.close();
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
