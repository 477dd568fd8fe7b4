import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { AppModule } from '../../app.module.js';
import { ConfigProblems, processSources, readConfig } from '../../config/read-config.js';
import { type Config, resolveConfig, SETTINGS, settingsOf } from '../../config/settings.js';
import { EmbeddedPostgresFailed } from '../../embedded-postgres/index.js';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import type { ExitCode } from '../../platform/cli/command-line.js';
import { PinoNestLogger } from '../../platform/observability/pino-nest-logger.js';
import { stderr } from '../../platform/observability/standard-output.js';
import { UnsuitableDatabase, withLibpqSslMode } from '../../platform/postgres/connect.js';
import {
  MayNotMigrate,
  migrate,
  type MigrateOptions,
} from '../../platform/postgres/schema/migrate.js';
import { READ_MODEL } from '../../query/index.js';
import { ParkedEventsModule } from '../../query/query.module.js';
import { assertUsable, CommandRefused, findDatabase, type FoundDatabase } from './find-database.js';

/** The smallest that a service may have: a command sends one statement after another. */
const POOL = 3;

/**
 * Assembles the service on its database, without sockets, worker and schedule, and lends it to
 * `use`. What goes wrong is said on stderr.
 *
 * @param uri beats the configured database.
 * @param seesReadModel where one is configured.
 * @returns 1 when something went wrong, else what `use` resolves with.
 */
export function onServiceDatabase(
  uri: string | undefined,
  stopping: AbortSignal,
  use: (service: INestApplicationContext) => Promise<ExitCode>,
  seesReadModel = false,
): Promise<ExitCode> {
  return onDatabase(uri, stopping, findDatabase, async (config, database) => {
    const queryDatabaseUri = seesReadModel ? await usableReadModel(config) : '';
    return withService(config, { databaseUri: database.uri, queryDatabaseUri }, use);
  });
}

/** Migrates the database of the read model, where one is configured. */
export async function migrateReadModel(
  { query: { databaseUri } }: Config,
  options: MigrateOptions,
): Promise<string[]> {
  if (databaseUri === undefined) return [];
  return migrate(await withLibpqSslMode(databaseUri), { ...options, schema: READ_MODEL });
}

/** Without it a command does the rest. */
async function usableReadModel({ query: { databaseUri } }: Config): Promise<string> {
  if (databaseUri === undefined) return '';
  try {
    const uri = await withLibpqSslMode(databaseUri);
    await assertUsable(uri, READ_MODEL);
    return uri;
  } catch (error) {
    console.error(`what the read model has parked is not seen: ${(error as Error).message}`);
    return '';
  }
}

/**
 * Lends the service's database to `use`; otherwise as {@link onServiceDatabase}.
 *
 * @param find finds it, and refuses what is of no use.
 */
export function onDatabase(
  uri: string | undefined,
  stopping: AbortSignal,
  find: (config: Config, log: (line: string) => void) => Promise<FoundDatabase>,
  use: (config: Config, database: FoundDatabase) => Promise<ExitCode>,
): Promise<ExitCode> {
  return asConfigured(uri, stopping, async (config) => {
    const database = await find(config, (line) => console.error(line));
    try {
      stopping.throwIfAborted();
      return await use(config, database);
    } finally {
      await database.release();
    }
  });
}

/**
 * Lends the service's configuration to `use`; otherwise as {@link onServiceDatabase}.
 */
export async function asConfigured(
  uri: string | undefined,
  stopping: AbortSignal,
  use: (config: Config) => Promise<ExitCode>,
): Promise<ExitCode> {
  let logLevel = 'info';
  try {
    const config = readOperatorConfig(uri);
    ({ logLevel } = config.process);
    return await use(config);
  } catch (error) {
    if (stopping.aborted) return 1;
    console.error(sentence(error));
    if (logLevel === 'debug') console.error(error);
    return 1;
  }
}

/**
 * The configuration of the service. A command signs no token, so it needs no key, whatever NODE_ENV
 * demands, and an operator need not be able to read the files of the keys.
 *
 * @throws ConfigProblems with everything that is wrong at once.
 */
function readOperatorConfig(uri: string | undefined): Config {
  const { env, ...sources } = processSources();
  const key = randomBytes(32).toString('hex');
  const keys = {
    JWT_SECRET: key,
    JWT_SECRET_FILE: '',
    JWT_OLD_SECRET: key,
    JWT_OLD_SECRET_FILE: '',
    // What it is told to do needs no broker and no other role.
    ROLES: 'billing',
    AMQP: 'amqp://localhost',
    AMQP_FILE: '',
  };
  return readConfig({
    ...sources,
    commandLine: { values: { d: uri }, problems: [] },
    env: { ...env, ...keys },
    without: [SETTINGS.rpc, SETTINGS.webhooks].flatMap(({ table }) =>
      settingsOf(table).map(({ variable }) => variable),
    ),
  });
}

/** The service on a database, without sockets, worker and schedule. */
export async function withService<T>(
  config: Config,
  found: { readonly databaseUri: string; readonly queryDatabaseUri: string },
  use: (service: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const resolved = resolveConfig(config, {
    ...found,
    accrualAddress: config.cashback.accrualAddress ?? '',
    jwtSecret: config.auth.jwtSecret ?? '',
  });
  const module = await AppModule.forRoot({
    ...resolved,
    postgres: { ...resolved.postgres, pool: POOL },
    rpc: { ...resolved.rpc, address: undefined },
    reconciliation: { ...resolved.reconciliation, intervalMs: 0 },
  });
  // stdout is for the command's own words.
  const level = config.process.logLevel === 'debug' ? 'debug' : 'error';
  const parts = found.queryDatabaseUri === '' ? [] : [ParkedEventsModule];
  const service = await NestFactory.createApplicationContext(
    { ...module, imports: [...(module.imports ?? []), ...parts] },
    {
      logger: new PinoNestLogger(pino({ level }, stderr)),
      abortOnError: false,
    },
  );
  try {
    return await use(service);
  } finally {
    await service.close();
  }
}

/** Their messages are sentences for an operator. */
const EXPECTED = [
  ConfigProblems,
  CommandRefused,
  EmbeddedPostgresFailed,
  MayNotMigrate,
  UnsuitableDatabase,
];

function sentence(error: unknown): string {
  if (EXPECTED.some((each) => error instanceof each)) return (error as Error).message;
  const message = error instanceof Error ? error.message : String(error);
  return error instanceof DatabaseUnavailable
    ? `the database went away: ${message}`
    : `this could not be done: ${message}`;
}
