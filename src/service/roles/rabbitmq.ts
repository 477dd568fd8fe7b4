import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { freePorts } from './ports.js';
import { openLog } from './processes.js';

/** Debian's; the scripts in the path want to be root or rabbitmq. */
export const RABBITMQ_PROGRAMS = '/usr/lib/rabbitmq/bin';

export const RABBITMQ_SERVER = join(RABBITMQ_PROGRAMS, 'rabbitmq-server');

/**
 * Becomes the server, and beside it waits for the end of the pipe from us: the system closes it
 * when this process is gone, by kill -9 too, and the server must not stay behind. Erlang's name
 * server, epmd, leaves every process group, and ends when no node is left.
 */
const ENDS_WITH_PARENT = `
exec 3<&0 </dev/null
(
  trap '' TERM
  read -r _ <&3
  kill -TERM 0
  while kill -0 $$; do sleep 0.1; done
  epmd -kill
) >/dev/null 2>&1 &
exec "$0" 3<&-`;

export function isBrokerInstalled(): boolean {
  return existsSync(RABBITMQ_SERVER);
}

/** A RabbitMQ of our own, on loopback, that keeps everything in one folder. */
export class RabbitMq {
  private constructor(
    private readonly folder: string,
    readonly logFile: string,
    readonly port: number,
    private readonly distPort: number,
    private readonly epmdPort: number,
  ) {}

  /** @param folder is made where it is not there; what an earlier start has left in it is kept. */
  static async inFolder(folder: string, logFile = join(folder, 'server.log')): Promise<RabbitMq> {
    const [port = 0, distPort = 0, epmdPort = 0] = await freePorts(3);
    for (const each of ['mnesia', 'log', 'generated'])
      mkdirSync(join(folder, each), { recursive: true });
    writeFileSync(join(folder, 'enabled_plugins'), '[].');
    writeFileSync(join(folder, 'env.conf'), '');
    writeFileSync(
      join(folder, 'rabbitmq.conf'),
      `listeners.tcp.1 = 127.0.0.1:${port}\ndisk_free_limit.absolute = 100MB\n`,
    );
    return new RabbitMq(folder, logFile, port, distPort, epmdPort);
  }

  get uri(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}`;
  }

  /**
   * Starts it, in a process group of its own: its script starts the server as a child, and stops
   * it when it gets SIGTERM.
   */
  spawn(): ChildProcess {
    const log = openLog(this.logFile);
    try {
      return spawn('/bin/sh', ['-c', ENDS_WITH_PARENT, RABBITMQ_SERVER], {
        detached: true,
        stdio: ['pipe', log, log],
        env: this.environment,
      });
    } finally {
      closeSync(log);
    }
  }

  /** It listens when it is ready for everything. */
  isReady(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = createConnection(this.port, '127.0.0.1');
      const end = (answer: boolean): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.once('connect', () => end(true)).once('error', () => end(false));
    });
  }

  /** Erlang's name server is one for all nodes, and stays behind when the server is killed. */
  endNameServer(): void {
    try {
      execFileSync('epmd', ['-kill'], { stdio: 'ignore', env: this.environment });
    } catch {
      // It was never started.
    }
  }

  /** All that its programs see of the environment. */
  get environment(): NodeJS.ProcessEnv {
    const { folder, port, distPort, epmdPort } = this;
    return {
      PATH: process.env['PATH'],
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      // Its data belongs to this name, so it must not change with the ports.
      RABBITMQ_NODENAME: 'gophermart@localhost',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distPort),
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      // Its output is in the log file.
      RABBITMQ_LOGS: '-',
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_CONF_ENV_FILE: join(folder, 'env.conf'),
      RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    };
  }
}
