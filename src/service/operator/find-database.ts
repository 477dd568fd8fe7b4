import { join, resolve } from 'node:path';
import type { Config } from '../../config/settings.js';
import { visitEmbeddedPostgres } from '../../embedded-postgres/index.js';
import { connectFailure } from '../../platform/postgres/failures.js';
import { placeOf, schemaState } from '../../platform/postgres/schema/migrate.js';
import { BOOKS, withLibpqSslMode } from '../../platform/postgres/connect.js';

/** The service's database, for as long as a command needs it. */
export interface FoundDatabase {
  readonly uri: string;
  /** Stops what was started for the command, and nothing else. */
  release(): Promise<void>;
}

/** The command cannot be done; the message says why, in a sentence for the operator. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
}

/**
 * The database that the service with this configuration uses: the configured one, or else the
 * embedded one, whether a service runs on it or not. Nothing is made and nothing is migrated.
 *
 * @throws CommandRefused, EmbeddedPostgresFailed
 */
export async function findDatabase(
  config: Config,
  log: (line: string) => void,
): Promise<FoundDatabase> {
  const found = await locateDatabase(config, log);
  try {
    await assertUsable(found.uri);
    return found;
  } catch (error) {
    await found.release();
    throw error;
  }
}

/**
 * Where the embedded database keeps its data.
 *
 * @throws CommandRefused when another one is configured.
 */
export function embeddedFolder({ postgres, process }: Config): string {
  if (postgres.uri !== undefined)
    throw new CommandRefused(
      'this is for the embedded database, and another one is configured ' +
        `(${placeOf(postgres.uri)}): docs/backups.md says how to back that up`,
    );
  return join(resolve(process.dataFolder), 'postgres');
}

/** As `findDatabase`, whatever is in it. */
export function locateDatabase(
  config: Config,
  log: (line: string) => void,
): Promise<FoundDatabase> {
  const { uri } = config.postgres;
  return uri === undefined ? embedded(config, log) : configured(uri);
}

async function configured(uri: string): Promise<FoundDatabase> {
  return { uri: await withLibpqSslMode(uri), release: () => Promise.resolve() };
}

async function embedded(config: Config, log: (line: string) => void): Promise<FoundDatabase> {
  const database = await visitEmbeddedPostgres({ folder: embeddedFolder(config), log });
  if (!database) {
    throw new CommandRefused(
      'there is no database: DATABASE_URI is not set, ' +
        `and no service was ever started on the data folder ${resolve(config.process.dataFolder)}`,
    );
  }
  return { uri: database.uri, release: () => database.stop() };
}

/** @throws CommandRefused */
export async function assertUsable(uri: string, schema = BOOKS): Promise<void> {
  const state = await schemaState(uri, schema).catch((error: unknown) => {
    throw new CommandRefused(
      `the database ${placeOf(uri)} cannot be used: ${connectFailure(error).message}`,
      {
        cause: error,
      },
    );
  });
  if (state === 'missing') {
    throw new CommandRefused(
      `the database ${placeOf(uri)} has no schema of Gophermart’s: ` +
        'start the service on it first, which makes it, or run npm run migrate',
    );
  }
  if (state === 'behind') {
    throw new CommandRefused(
      `the schema of the database ${placeOf(uri)} is older than this program: ` +
        'start a service of this version first, which migrates it, or run npm run migrate',
    );
  }
}
