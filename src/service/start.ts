import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Address } from '../kernel/application/address.js';
import { announceWait } from '../platform/observability/announce-wait.js';
import { readOrCreateSecretFile } from '../platform/secret-file.js';
import { isOnTheBooks } from '../config/roles.js';
import {
  type Config,
  remarksOn,
  resolveConfig,
  rolesOf,
  shownSettings,
} from '../config/settings.js';
import { type AssembledService, createApp } from './create-app.js';
import { UserRepository } from '../auth/index.js';
import { withLibpqSslMode } from '../platform/postgres/connect.js';
import { migrate, placeOf } from '../platform/postgres/schema/migrate.js';
import { PgUnitOfWork } from '../platform/postgres/pg-unit-of-work.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded-postgres/index.js';
import { READ_MODEL } from '../query/index.js';
import { BUILD } from '../platform/observability/process-metrics.js';
import { Readiness } from '../platform/observability/readiness.js';
import { stdout } from '../platform/observability/standard-output.js';
import { type RunningSimulator, startSimulator } from '../simulator/index.js';
import { welcome } from './welcome.js';

export interface RunningService {
  /**
   * Unready first, then requests that have arrived are answered, the worker hands its tasks back,
   * and what was started is stopped in reverse.
   */
  stop(): Promise<void>;
}

/** How long a stop waits for requests that are under way, in milliseconds. */
const DRAIN_MS = 4_000;

/**
 * How long a stop takes at most, of its 10 s, in milliseconds. A database that is silent keeps
 * connections busy for seconds; leases that cannot be given back end by themselves.
 */
const STOP_WITHIN_MS = 8_500;

/** What requests leave of it to the parts of the service, in milliseconds. */
const CLOSE_MS = 2_500;

/**
 * What the parts of the service leave of it to their connections, in milliseconds. Then the
 * database is asked, too, whether it is why the stop takes long.
 */
const END_MS = 1_000;

/**
 * Where the bundled simulator is looked for; any other port where this one is taken. Its
 * calculations show all their states, but not for long.
 */
const SIMULATOR = { host: '127.0.0.1', port: 8081, rewardUnknown: true, calculationMs: 300 };

type Stop = () => Promise<void>;

/**
 * Starts what the configuration leaves to us, migrates, and listens; gives up, and stops what was
 * started, when `stopping` is aborted meanwhile.
 */
export async function startService(
  config: Config,
  logger: Logger,
  stopping: AbortSignal,
): Promise<RunningService> {
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each();
  };
  try {
    const { runAddress, stopDelayMs } = config.process;
    const dataFolder = resolve(config.process.dataFolder);
    const { uri } = config.postgres;
    const warn = (line: string): void => logger.warn(line);
    remarksOn(config).forEach(warn);
    const roles = rolesOf(config);
    const { accrualAddress } = config.cashback;
    const needsDatabase = isOnTheBooks(roles);
    const database =
      needsDatabase && uri === undefined
        ? await embeddedDatabase(dataFolder, stops, stopping)
        : undefined;
    const simulator =
      roles.includes('accrual') && accrualAddress === undefined
        ? await bundledSimulator(runAddress, stops)
        : undefined;
    stopping.throwIfAborted();
    const resolved = resolveConfig(config, {
      databaseUri:
        database?.uri ??
        (await configuredDatabase(needsDatabase ? uri : undefined, warn, stopping)),
      queryDatabaseUri: await configuredDatabase(
        roles.includes('query') ? config.query.databaseUri : undefined,
        warn,
        stopping,
      ),
      accrualAddress: accrualAddress ?? simulator?.url ?? '',
      jwtSecret:
        config.auth.jwtSecret ??
        (roles.includes('portal') ? signingKey(database?.folder ?? dataFolder) : ''),
    });
    if (needsDatabase) {
      const migrations = await migrate(resolved.postgres.uri, { stopping, log: warn });
      if (migrations.length > 0) logger.info({ migrations }, 'the database was migrated');
    }
    if (roles.includes('query'))
      await migrate(resolved.query.databaseUri, { schema: READ_MODEL, stopping, log: warn });
    const service = await createApp(resolved, logger, { sandbox: simulator });
    stops.push(() => drain(service, stopDelayMs, warn));
    if (needsDatabase) await service.app.get(PgUnitOfWork, { strict: false }).openConnections();
    if (roles.includes('billing')) await nameLoginsNotNormalized(service, logger);
    const port = await service.connections.listen(runAddress);
    logger.info({ ...BUILD, settings: shownSettings(resolved) }, 'started');
    say(
      welcome({ host: runAddress.host, port }, roles, resolved.cashback.accrualAddress, {
        ...(database && { databaseFolder: database.folder }),
        ...(simulator && { simulatorUrl: simulator.url }),
        docsUrl: service.listeners.localUrlOf('docs'),
        metricsUrl: service.listeners.localUrlOf('metrics'),
        billing: resolved.rpc.billing,
        query: resolved.rpc.query,
      }),
    );
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const MOST_NAMED = 100;

/** Their owners may wonder why other spellings of their login are unknown, or somebody else. */
async function nameLoginsNotNormalized({ app }: AssembledService, logger: Logger): Promise<void> {
  const found = await app.get(UserRepository, { strict: false }).notNormalized(MOST_NAMED);
  const users = found.map((user) => user.snapshot()).map(({ id, login }) => ({ id, login }));
  if (users.length > 0)
    logger.warn(
      { users },
      'these logins are not in Unicode NFC, mostly because another user has that spelling: ' +
        'each is found by exactly its own',
    );
}

/** Made once and kept, so that tokens outlive a restart. Replicas on one folder share it. */
function signingKey(folder: string): string {
  return readOrCreateSecretFile(join(folder, 'jwt-secret')).toString('hex');
}

/** Whether it speaks TLS has to be tried where `sslmode` leaves that open. */
function configuredDatabase(
  uri: string | undefined,
  log: (line: string) => void,
  stopping: AbortSignal,
): Promise<string> {
  if (uri === undefined) return Promise.resolve('');
  const what = `the database at ${placeOf(uri)}: it does not answer`;
  return announceWait(
    () => what,
    log,
    () => withLibpqSslMode(uri),
    stopping,
  );
}

async function embeddedDatabase(
  dataFolder: string,
  stops: Stop[],
  stopping: AbortSignal,
): Promise<EmbeddedPostgres> {
  say('Starting the embedded PostgreSQL …');
  const database = await startEmbeddedPostgres({
    folder: join(dataFolder, 'postgres'),
    log: say,
    stopping,
  });
  stops.push(() => database.stop());
  return database;
}

async function bundledSimulator(
  { port: taken }: Address,
  stops: Stop[],
): Promise<RunningSimulator> {
  const start = (port: number): Promise<RunningSimulator> => startSimulator({ ...SIMULATOR, port });
  const simulator = await start(SIMULATOR.port === taken ? 0 : SIMULATOR.port).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      return start(0);
    },
  );
  stops.push(() => simulator.close());
  return simulator;
}

async function drain(
  { app, connections }: AssembledService,
  stopDelayMs: number,
  warn: (line: string) => void,
): Promise<void> {
  const readiness = app.get(Readiness);
  const deadline = performance.now() + STOP_WITHIN_MS;
  const leftMs = (): number => deadline - performance.now();
  readiness.beginStop(STOP_WITHIN_MS - END_MS);
  await pause(stopDelayMs);
  await connections.close(Math.min(DRAIN_MS, leftMs() - CLOSE_MS));
  const closed = app.close();
  const askedAt = pause(leftMs() - END_MS, undefined, { ref: false });
  const obstacle = await Promise.race([
    closed,
    askedAt.then(() => readiness.obstacleOf('database')),
  ]);
  // With a database that answers, whatever hangs is a fault: the process ends with 1.
  if (obstacle === undefined) await closed;
  else warn(`it stops without waiting for the database: ${obstacle}`);
}

/** For whoever typed the command. */
function say(lines: string): void {
  stdout.write(`${lines}\n`);
}
