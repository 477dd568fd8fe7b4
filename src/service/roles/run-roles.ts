import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { processSources, readConfig } from '../../config/read-config.js';
import { DEFAULT_ROLES } from '../../config/roles.js';
import type { Config } from '../../config/settings.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../embedded-postgres/index.js';
import { type Address, addressWithoutSecrets } from '../../kernel/application/address.js';
import { CommandLine } from '../../platform/cli/command-line.js';
import { announceWait } from '../../platform/observability/announce-wait.js';
import { stderr, stdout } from '../../platform/observability/standard-output.js';
import { readOrCreateSecretFile } from '../../platform/secret-file.js';
import { welcomeToRoles } from '../welcome.js';
import { KeptProcess, type Plan, Programs } from './processes.js';
import { freePortFrom, freePorts, listenOnce } from './ports.js';
import { isBrokerInstalled, RABBITMQ_SERVER, RabbitMq } from './rabbitmq.js';

/**
 * How long the processes of each step may take to stop, in milliseconds: less than 20 s together.
 * The databases stop with the broker, and have 7 s too.
 */
const STOP_WITHIN_MS = { portals: 5_000, workers: 4_000, billing: 3_000, broker: 7_000 };

const LOOPBACK = '127.0.0.1';

/**
 * Runs each role as a process of its own until `stopping` is aborted, and ends this process: with
 * 0, or with 1 when something could not be started.
 */
export async function runRoles(stopping: AbortSignal): Promise<never> {
  const ending = new AbortController();
  const end = (): void => ending.abort(stopping.reason);
  stopping.addEventListener('abort', end);
  if (stopping.aborted) end();
  const site = new Site(ending);
  try {
    const config = readSettings();
    if (config) {
      say(await site.start(config));
      if (!stopping.aborted) await once(stopping, 'abort');
    }
  } catch (error) {
    ending.abort(error);
  }
  await site.stop();
  const failure: unknown = stopping.aborted ? undefined : ending.signal.reason;
  if (failure !== undefined) stderr.write(`${sentence(failure)}\n`);
  await Promise.all([stdout, stderr].map((each) => each.settled(500)));
  process.exit(failure === undefined ? 0 : 1);
}

function say(lines: string): void {
  stdout.write(`${lines}\n`);
}

function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // The embedded PostgreSQL's advice, which is of no use here.
  return message.replace(/[,;:]?\s*(or )?set DATABASE_URI\b.*/, '');
}

/** @returns undefined where the command line asks for the help. @throws ConfigProblems */
function readSettings(): Config | undefined {
  const commandLine = new CommandLine('npm run roles --')
    .description(
      'Starts each role as a process of its own, for looking at: two portals, billing, accrual, ' +
        'relay and query, with two embedded PostgreSQL, the installed RabbitMQ (where AMQP is ' +
        'set, that one) and the accrual simulator. Data and logs are kept in DATA_FOLDER/roles. ' +
        'Other settings are those of npm start; DATABASE_URI, QUERY_DATABASE_URI and ' +
        'ACCRUAL_SYSTEM_ADDRESS are not used.',
    )
    .option('-a, --a [host:port]', 'where the first portal listens; also RUN_ADDRESS')
    .configureOutput({ writeOut: (text) => stdout.write(text) })
    .read(process.argv.slice(2));
  if (!commandLine) return undefined;
  const { env, ...sources } = processSources();
  const own = {
    ROLES: DEFAULT_ROLES.join(),
    CASHBACK_ENABLED: 'true',
    RPC_SECRET: randomBytes(32).toString('hex'),
    RPC_SECRET_FILE: '',
  };
  return readConfig({ ...sources, commandLine, env: { ...env, ...own } });
}

type Stop = () => Promise<unknown>;

/** Everything that is started, step by step, and stopped in reverse. */
class Site {
  readonly #processes: KeptProcess[] = [];
  readonly #stops: Stop[] = [];
  /** Of the databases and the broker, which the processes need to the end. */
  readonly #lastStops: Stop[] = [];

  /** @param ending is aborted when something cannot be started, so that all else gives up. */
  constructor(private readonly ending: AbortController) {}

  /** @returns what to say when everything is ready. */
  async start({ process, amqp, auth, rpc, webhooks }: Config): Promise<string> {
    const { runAddress, dataFolder } = process;
    const addresses = await portalAddresses(runAddress);
    if (amqp.uri === undefined && !isBrokerInstalled())
      throw new Error(
        `RabbitMQ is not installed, for there is no ${RABBITMQ_SERVER}: ` +
          'install rabbitmq-server, or set AMQP to the URI of a RabbitMQ',
      );
    const folder = join(resolve(dataFolder), 'roles');
    const logs = join(folder, 'logs');
    mkdirSync(folder, { recursive: true });
    this.ending.signal.throwIfAborted();
    say('Starting databases and broker …');
    // Its lock keeps a second one of us out of the rest, too.
    const books = await this.#database(join(folder, 'books'));
    rmSync(logs, { recursive: true, force: true });
    const beside = [
      this.#database(join(folder, 'reads')),
      this.#broker(amqp.uri, join(folder, 'rabbitmq'), join(logs, 'rabbitmq.log')),
    ] as const;
    await this.#all(beside);
    const [reads, broker] = await Promise.all(beside);

    const ports = await freePorts(7);
    const inside = (): Address => ({ host: LOOPBACK, port: ports.pop() ?? 0 });
    const rpcAddress = (): string => `${LOOPBACK}:${ports.pop()}`;
    const programs = new Programs(folder, {
      DATA_FOLDER: folder,
      RPC_SECRET: rpc.secret,
      WEBHOOK_SECRET: webhooks.secret,
      // No balancer has to notice first.
      STOP_DELAY_MS: '0',
    });
    const onBooks = { DATABASE_URI: books.uri };
    const billing = programs.role('billing', inside(), { ...onBooks, RPC_ADDRESS: rpcAddress() });
    const simulator = programs.simulator(inside());
    const query = programs.role('query', inside(), {
      AMQP: broker,
      QUERY_DATABASE_URI: reads.uri,
      RPC_ADDRESS: rpcAddress(),
    });
    const relay = programs.role('relay', inside(), { ...onBooks, AMQP: broker });
    const accrual = programs.role('accrual', inside(), {
      ...onBooks,
      ACCRUAL_SYSTEM_ADDRESS: simulator.url,
    });
    const keyFile = join(books.folder, 'jwt-secret');
    const calling = {
      JWT_SECRET: auth.jwtSecret ?? readOrCreateSecretFile(keyFile).toString('hex'),
      JWT_OLD_SECRET: auth.jwtOldSecret,
      BILLING_ADDRESS: billing.rpc,
      QUERY_ADDRESS: query.rpc,
    };
    const portals = addresses.map((address, i) =>
      programs.role('portal', address, calling, `portal-${i + 1}`),
    );
    say('Starting the roles …');
    // First and alone: it migrates.
    await this.#run([billing, simulator], STOP_WITHIN_MS.billing);
    await this.#run([accrual, relay, query], STOP_WITHIN_MS.workers);
    await this.#run(portals, STOP_WITHIN_MS.portals);
    return welcomeToRoles({
      processes: this.#processes.map(({ plan, pid }) => ({ ...plan, pid })),
      portal: portals[0]?.url ?? '',
      numbers: `${simulator.url}/api/order`,
      billingPid: this.#processes.find(({ plan }) => plan === billing)?.pid,
      folder,
      books: books.folder,
      reads: reads.folder,
      broker: amqp.uri === undefined ? undefined : addressWithoutSecrets(amqp.uri),
    });
  }

  async stop(): Promise<void> {
    if (this.#lastStops.length > 0) say('Stopping …');
    for (const each of this.#stops.reverse()) await each();
    await Promise.all(this.#lastStops.map((each) => each()));
  }

  async #database(folder: string): Promise<EmbeddedPostgres> {
    // As in a data folder of npm start, so that operators' commands find it.
    const database = await startEmbeddedPostgres({
      folder: join(folder, 'postgres'),
      log: say,
      stopping: this.ending.signal,
    });
    this.#lastStops.push(() => database.stop());
    return database;
  }

  /** @returns the URI: the configured one, or that of a broker of ours. */
  async #broker(configured: string | undefined, folder: string, logFile: string): Promise<string> {
    if (configured !== undefined) return configured;
    const broker = await RabbitMq.inFolder(folder, logFile);
    const plan = {
      name: 'rabbitmq',
      url: addressWithoutSecrets(broker.uri),
      logFile,
      spawn: () => broker.spawn(),
      isReady: () => broker.isReady(),
    };
    const kept = this.#keep(plan);
    this.#lastStops.push(async () => {
      await kept.stop(STOP_WITHIN_MS.broker);
      broker.endNameServer();
    });
    await this.#ready([kept]);
    return broker.uri;
  }

  /** Resolves when all of them are ready. */
  async #run(plans: readonly Plan[], stopWithinMs: number): Promise<void> {
    const kept = plans.map((plan) => this.#keep(plan));
    this.#stops.push(() => Promise.all(kept.map((each) => each.stop(stopWithinMs))));
    await this.#ready(kept);
  }

  async #ready(kept: readonly KeptProcess[]): Promise<void> {
    const awaited = (): string =>
      kept.flatMap(({ isReady, plan }) => (isReady ? [] : [plan.name])).join(', ');
    await announceWait(awaited, say, () => this.#all(kept.map((each) => each.start())));
  }

  #keep(plan: Plan): KeptProcess {
    const kept = new KeptProcess(plan, say, this.ending.signal);
    this.#processes.push(kept);
    return kept;
  }

  /** When one fails the others give up, and are waited for: what has started must be stopped. */
  async #all(works: readonly unknown[]): Promise<void> {
    for (const work of works)
      Promise.resolve(work).catch((error: unknown) => this.ending.abort(error));
    await Promise.allSettled(works);
    this.ending.signal.throwIfAborted();
  }
}

/** The configured one, and the next one on that host that is free. */
async function portalAddresses({ host, port }: Address): Promise<Address[]> {
  const first = await listenOnce(host, port).catch((error: unknown) => {
    throw new Error(`no portal can listen: ${(error as Error).message}`, { cause: error });
  });
  return [first, await freePortFrom(host, first + 1)].map((port) => ({ host, port }));
}
