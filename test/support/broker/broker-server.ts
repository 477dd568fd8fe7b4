import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../processes/service-process.js';

/** Debian's; the scripts in the path want to be root or rabbitmq. */
const BIN = '/usr/lib/rabbitmq/bin';

const READY_WITHIN_MS = 120_000;

export function isBrokerInstalled(): boolean {
  return existsSync(join(BIN, 'rabbitmq-server'));
}

/** A RabbitMQ of our own, on loopback, in a folder that goes when it does. */
export class BrokerServer {
  #process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly distPort: number,
    private readonly epmdPort: number,
  ) {}

  static async start(): Promise<BrokerServer> {
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-broker-'));
    const port = await freePort();
    const server = new BrokerServer(folder, port, await freePort(), await freePort());
    for (const each of ['mnesia', 'log', 'generated']) mkdirSync(join(folder, each));
    writeFileSync(join(folder, 'enabled_plugins'), '[].');
    writeFileSync(join(folder, 'env.conf'), '');
    writeFileSync(
      join(folder, 'rabbitmq.conf'),
      `listeners.tcp.1 = 127.0.0.1:${port}\ndisk_free_limit.absolute = 100MB\n`,
    );
    await server.restart();
    return server;
  }

  get uri(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}`;
  }

  /** Starts it where it was; what was on its disk is there. */
  async restart(): Promise<void> {
    this.#process = spawn(join(BIN, 'rabbitmq-server'), [], {
      // A group of its own: the script starts the server as its child.
      detached: true,
      stdio: 'ignore',
      env: this.#env(),
    });
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await isOpen(this.port))) {
      if (Date.now() > deadline)
        throw new Error(`the broker did not start, see ${this.folder}/log`);
      await pause(50);
    }
  }

  /** Runs `rabbitmqctl` on it. */
  async control(...args: readonly string[]): Promise<void> {
    await promisify(execFile)(join(BIN, 'rabbitmqctl'), args, { env: this.#env() });
  }

  /** Every process of it is gone at once. */
  async crash(): Promise<void> {
    const running = this.#process;
    if (!running?.pid) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    process.kill(-running.pid, 'SIGKILL');
    await ended;
    while (await isOpen(this.port)) await pause(10);
  }

  /** SIGSTOP and SIGCONT are a machine that stands still. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process?.pid) process.kill(-this.#process.pid, signal);
  }

  async stop(): Promise<void> {
    this.signal('SIGCONT');
    await this.crash();
    // Erlang's name server is one for all and stays behind.
    try {
      execFileSync('epmd', ['-port', String(this.epmdPort), '-kill'], { stdio: 'ignore' });
    } catch {
      // It was never started.
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    const { folder, port, distPort, epmdPort } = this;
    return {
      PATH: process.env['PATH'],
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      RABBITMQ_NODENAME: `gm${port}@localhost`,
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distPort),
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_LOGS: join(folder, 'log/server.log'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: join(folder, 'env.conf'),
      RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    };
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
