import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { processSources } from '../../config/read-config.js';
import type { Role } from '../../config/roles.js';
import { SETTINGS, settingsOf } from '../../config/settings.js';
import { type Address, baseUrl } from '../../kernel/application/address.js';

/** What is run, and kept running. */
export interface Plan {
  readonly name: string;
  readonly url: string;
  /** Where it serves gRPC. */
  readonly rpc?: string | undefined;
  readonly logFile: string;
  /** Starts it, in a process group of its own: Ctrl-C must reach us alone. */
  spawn(): ChildProcess;
  isReady(): Promise<boolean>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

interface Running {
  readonly child: ChildProcess;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
}

/** A process that is not ready yet logs each question. */
const POLL_MS = 200;
/** How long a process stays away that has ended, in milliseconds: it can be seen to be away. */
const AGAIN_AFTER_MS = 1_000;

/** A process that is started again whenever it ends, until it is told to stop. */
export class KeptProcess {
  #running: Running | undefined;
  #isReady = false;

  /** @param stopping from then on it is not started again. */
  constructor(
    readonly plan: Plan,
    private readonly say: (line: string) => void,
    private readonly stopping: AbortSignal,
  ) {}

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /**
   * Resolves when it is ready.
   *
   * @throws Error when it ends before, which a second start would not mend.
   */
  async start(): Promise<void> {
    this.stopping.throwIfAborted();
    const first = this.#launch();
    const how = await this.#readyOrEnded(first);
    this.stopping.throwIfAborted();
    const { name, logFile } = this.plan;
    if (how !== undefined)
      throw new Error(`${name} has ended ${how}; its log, ${logFile}, ends with\n${tail(logFile)}`);
    void this.#keep(first);
  }

  /** Resolves when it is gone: by itself, or after so many milliseconds by SIGKILL. */
  async stop(withinMs: number): Promise<void> {
    if (!this.#running) return;
    const { child, ended } = this.#running;
    child.kill('SIGTERM');
    // A process that somebody has stopped gets SIGTERM only when it goes on.
    signalGroup(child, 'SIGCONT');
    await Promise.race([ended, pause(withinMs, undefined, { ref: false })]);
    signalGroup(child, 'SIGKILL');
    await ended;
  }

  async #keep(running: Running): Promise<void> {
    const { name } = this.plan;
    for (let current = running; ;) {
      const how = await current.ended;
      if (this.#isOver()) return;
      this.say(
        `${name} (process ${current.child.pid}) has ended ${how}; it is started again in a second`,
      );
      await pause(AGAIN_AFTER_MS);
      // Who stops us waits for what runs then, and for nothing that comes later.
      if (this.#isOver()) return;
      current = this.#launch();
      if ((await this.#readyOrEnded(current)) === undefined && !this.#isOver())
        this.say(`${name} is ready again: process ${current.child.pid}`);
    }
  }

  #launch(): Running {
    const child = this.plan.spawn();
    const ended = new Promise<string>((resolve) => {
      child.once('error', ({ message }) => resolve(`at once: ${message}`));
      child.once('exit', (code, signal) => resolve(signal ? `by ${signal}` : `with code ${code}`));
    }).then((how) => {
      this.#isReady = false;
      // Children of its own, such as RabbitMQ's script has, must not go on without it.
      signalGroup(child, 'SIGKILL');
      return how;
    });
    this.#running = { child, ended };
    return this.#running;
  }

  /** @returns how it ended; undefined when it is ready, or when nobody waits any more. */
  async #readyOrEnded({ ended }: Running): Promise<string | undefined> {
    while (!this.#isOver()) {
      const isReady = await this.plan.isReady();
      const how = await Promise.race([ended, isReady ? undefined : pause(POLL_MS, undefined)]);
      this.#isReady = isReady && how === undefined;
      if (isReady || how !== undefined) return how;
    }
    return undefined;
  }

  #isOver(): boolean {
    return this.stopping.aborted;
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n');
}

/** Run first in each program: it ends in order when this process is gone, by kill -9 too. */
const ENDS_WITH_PARENT =
  "process.once('disconnect', () => process.kill(process.pid)); process.channel.unref()";

/** The programs of this build, each a process with a log of its own in `folder`/logs. */
export class Programs {
  readonly #inherited = inherited();

  /** @param common goes to every role. */
  constructor(
    private readonly folder: string,
    private readonly common: Environment,
  ) {}

  role(role: Role, address: Address, settings: Environment, name: string = role): Plan {
    const url = baseUrl(address);
    const host = address.host.includes(':') ? `[${address.host}]` : address.host;
    const env = {
      ...this.#inherited,
      ...this.common,
      ROLES: role,
      RUN_ADDRESS: `${host}:${address.port}`,
      ...settings,
    };
    return {
      ...this.#program(name, '../../main.js', [], env),
      url,
      rpc: settings['RPC_ADDRESS'],
      isReady: () => answers(`${url}/health/ready`),
    };
  }

  /** It awards points to every order, as that of npm start does. */
  simulator(address: Address): Plan {
    const url = baseUrl(address);
    const args = ['-a', `${address.host}:${address.port}`, '--reward-unknown'];
    const env = { PATH: process.env['PATH'] };
    return {
      ...this.#program('simulator', '../../simulator/main.js', args, env),
      url,
      isReady: () => answers(`${url}/api/orders/0`),
    };
  }

  #program(
    name: string,
    module: string,
    args: readonly string[],
    env: Environment,
  ): Pick<Plan, 'name' | 'logFile' | 'spawn'> {
    const program = fileURLToPath(new URL(module, import.meta.url));
    const logFile = join(this.folder, 'logs', `${name}.log`);
    const spawn = (): ChildProcess => {
      const log = openLog(logFile);
      try {
        return fork(program, args, {
          // Where no .env is: what stands in it is in the environment.
          cwd: this.folder,
          env,
          detached: true,
          execArgv: ['--import', `data:text/javascript,${encodeURIComponent(ENDS_WITH_PARENT)}`],
          stdio: ['ignore', log, log, 'ipc'],
        });
      } finally {
        closeSync(log);
      }
    };
    return { name, logFile, spawn };
  }
}

/** What a role is told by us, or not at all: they cannot all listen at one METRICS_ADDRESS. */
const TOLD = [
  ...['DATABASE_URI', 'QUERY_DATABASE_URI', 'AMQP', 'AMPQ', 'WEBHOOK_SECRET'],
  ...['JWT_SECRET', 'JWT_KEY', 'JWT_OLD_SECRET'],
  ...['ACCRUAL_SYSTEM_ADDRESS', 'CASHBACK_ENABLED', 'METRICS_ADDRESS', 'DOCS_ADDRESS'],
  ...settingsOf(SETTINGS.rpc.table).map(({ variable }) => variable),
];

/** The environment and `.env`, without what each role is told by us. */
function inherited(): Environment {
  const { env, dotenv = '' } = processSources();
  const told = new Set(TOLD.flatMap((variable) => [variable, `${variable}_FILE`]));
  const given = Object.entries({ ...parseEnv(dotenv), ...env });
  return Object.fromEntries(given.filter(([name]) => !told.has(name)));
}

async function answers(url: string): Promise<boolean> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}

/** To be closed when a process has it. Somebody may have removed its folder meanwhile. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  return openSync(file, 'a', 0o600);
}
