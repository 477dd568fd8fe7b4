import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseUnavailable } from '../shared/application/persistence-errors.js';
import { translateFailure } from '../shared/infrastructure/database-failures.js';
import { dataSourceOptions, SCHEMA } from './data-source-options.js';

/** Any number that nobody else takes for an advisory lock in the same database. */
const LOCK = 7_106_240_512;

/**
 * A replica that migrates a large table may take its time; the others wait so long, in
 * milliseconds, then give up.
 */
const WAIT_MS = 300_000;

/** How long a database that cannot be reached yet is waited for at the start, in milliseconds. */
const START_UP_MS = 15_000;

/**
 * Brings the database's schema up to date; resolves with the names of the migrations that ran.
 *
 * Safe when several replicas start at once: an advisory lock is taken before the first statement,
 * `CREATE SCHEMA` included, which itself fails when two sessions race for it.
 *
 * @param stopping gives up waiting, for the database or for another replica's migrations.
 */
export async function migrate(
  uri: string,
  stopping: AbortSignal = new AbortController().signal,
): Promise<string[]> {
  const lock = await connect(uri, stopping);
  const giveUp = (): void => void lock.end();
  stopping.addEventListener('abort', giveUp);
  try {
    await lock.query(`SET lock_timeout = ${WAIT_MS}`);
    await lock.query('SELECT pg_advisory_lock($1)', [LOCK]);
    stopping.throwIfAborted();
    await lock.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
    return await runMigrations(uri);
  } finally {
    stopping.removeEventListener('abort', giveUp);
    // The lock goes with its session.
    await lock.end();
  }
}

/**
 * A database that is starting beside us, as under compose or after a crash, gets some seconds to
 * come up.
 */
async function connect(uri: string, stopping: AbortSignal): Promise<Client> {
  for (const deadline = Date.now() + START_UP_MS; ;) {
    const client = new Client({
      connectionString: uri,
      connectionTimeoutMillis: 10_000,
      application_name: 'gophermart migrations',
    });
    // A connection that breaks later shows as the failure of its query; without a listener it would
    // end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (!(translateFailure(error) instanceof DatabaseUnavailable) || Date.now() >= deadline)
        throw error;
      await pause(500, undefined, { signal: stopping });
    }
  }
}

async function runMigrations(uri: string): Promise<string[]> {
  const options = dataSourceOptions(uri, 1);
  const dataSource = new DataSource({ ...options, extra: { connectionTimeoutMillis: 10_000 } });
  await dataSource.initialize();
  try {
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}
