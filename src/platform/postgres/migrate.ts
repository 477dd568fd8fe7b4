import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';
import { addressWithoutSecrets } from '../../kernel/application/address.js';
import { DatabaseUnavailable } from '../../kernel/application/persistence-errors.js';
import { announceWait } from '../announce-wait.js';
import { connect, dataSourceOptions, SCHEMA } from './connect.js';
import { translateFailure } from './failures.js';

/** The key of our advisory lock: a number that no other program uses in the same database. */
const LOCK = 7_106_240_512;

/** How long a replica waits for another one's migrations, in milliseconds. */
const WAIT_MS = 300_000;

/** How long to wait for a database that cannot be reached yet, in milliseconds. */
const START_UP_MS = 15_000;

const CONNECT_MS = 10_000;

export interface Waiting {
  /** Gives up waiting, for the database or for another replica's migrations. */
  readonly stopping?: AbortSignal;
  /** Is told what is waited for. */
  readonly log?: (line: string) => void;
}

/**
 * Brings the database's schema up to date; resolves with the names of the migrations that ran.
 *
 * Safe when several replicas start at once: an advisory lock is taken before the first statement,
 * `CREATE SCHEMA` included, which itself fails when two sessions race for it.
 */
export async function migrate(
  uri: string,
  { stopping = new AbortController().signal, log = () => undefined }: Waiting = {},
): Promise<string[]> {
  const lock = await connectSoon(uri, stopping, log);
  const giveUp = (): void => void lock.end();
  stopping.addEventListener('abort', giveUp);
  try {
    await lock.query(`SET lock_timeout = ${WAIT_MS}`);
    await announceWait(
      () => 'another replica, which migrates the database',
      log,
      () => lock.query('SELECT pg_advisory_lock($1)', [LOCK]),
    );
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
async function connectSoon(
  uri: string,
  stopping: AbortSignal,
  log: (line: string) => void,
): Promise<Client> {
  const config = {
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'gophermart migrations',
  };
  const place = `the database at ${placeOf(uri)}`;
  const deadline = performance.now() + START_UP_MS;
  let reason = 'it does not answer';
  const attempts = async (): Promise<Client> => {
    for (;;) {
      try {
        return await connect(uri, config);
      } catch (error) {
        reason = reasonOf(error);
        const mayPass = translateFailure(error) instanceof DatabaseUnavailable;
        if (!mayPass || performance.now() >= deadline)
          throw new Error(`${place} cannot be used: ${reason}`, { cause: error });
        await pause(500, undefined, { signal: stopping });
      }
    }
  };
  return announceWait(() => `${place}: ${reason}`, log, attempts, stopping);
}

/** Hosts and database, for a sentence. */
export function placeOf(uri: string): string {
  return addressWithoutSecrets(uri).replace(/^postgres(ql)?:\/\//, '');
}

/** Where a name has several addresses, Node's error for all of them has a code and no message. */
export function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || (code ?? String(error));
}

async function runMigrations(uri: string): Promise<string[]> {
  const options = dataSourceOptions(uri, 1);
  const dataSource = new DataSource({ ...options, extra: { connectionTimeoutMillis: CONNECT_MS } });
  await dataSource.initialize();
  try {
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}

/**
 * `behind`: migrations of this program have not run there. One that a newer program has migrated is
 * `current`: replicas of both run side by side.
 */
export type SchemaState = 'missing' | 'behind' | 'current';

/**
 * Looks, and changes nothing. @throws the driver's error when the database cannot be reached within
 * 5 s.
 */
export async function schemaState(uri: string): Promise<SchemaState> {
  const client = await connect(uri, { query_timeout: 5_000 });
  try {
    const found = await client.query<{ there: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [`${SCHEMA}.migrations`],
    );
    if (!found.rows[0]?.there) return 'missing';
    const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${SCHEMA}.migrations`);
    const ran = new Set(rows.map(({ name }) => name));
    return MIGRATIONS.every(({ name }) => ran.has(name)) ? 'current' : 'behind';
  } finally {
    await client.end();
  }
}
