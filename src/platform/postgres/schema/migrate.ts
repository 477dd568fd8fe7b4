import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';
import { addressWithoutSecrets } from '../../../kernel/application/address.js';
import { ConnectionLost } from '../../../kernel/application/persistence-errors.js';
import { announceWait } from '../../observability/announce-wait.js';
import {
  assertSuitable,
  BOOKS,
  connect,
  MIGRATING,
  type Schema,
  TRANSACTION_SETTINGS,
} from '../connect.js';
import { connectFailure, translateFailure } from '../failures.js';

/** The key of our advisory lock: a number that no other program uses in the same database. */
const LOCK = 7_106_240_512;

/** How long to wait for a database that cannot be reached yet, in milliseconds. */
const START_UP_MS = 15_000;

/** The database must be migrated, and this role may not do it. */
export class MayNotMigrate extends Error {
  override readonly name = 'MayNotMigrate';
}

/** How often a replica looks whether another one has migrated, in milliseconds. */
const LOOK_MS = 200;

export interface MigrateOptions {
  /** What to bring up to date; default: the books. */
  readonly schema?: Schema;
  /** Gives up waiting, for the database or for another replica's migrations. */
  readonly stopping?: AbortSignal;
  /** Is told what is waited for. */
  readonly log?: (line: string) => void;
}

/**
 * Brings the database's schema up to date; resolves with the names of the migrations that ran. On a
 * schema that is up to date it only reads, so any role that the service can work as will do.
 *
 * Safe when several replicas start at once: an advisory lock is taken before the first statement,
 * `CREATE SCHEMA` included, which itself fails when two sessions race for it. A transaction holds
 * the lock. A session would hand it to its next user behind a pooler. Replicas of earlier versions,
 * whose sessions hold it, wait all the same.
 *
 * @throws MayNotMigrate, UnsuitableDatabase
 */
export async function migrate(
  uri: string,
  {
    schema = BOOKS,
    stopping = new AbortController().signal,
    log = () => undefined,
  }: MigrateOptions = {},
): Promise<string[]> {
  const session = await connectSoon(uri, stopping, log);
  const giveUp = (): void => void session.end();
  stopping.addEventListener('abort', giveUp);
  try {
    await session.query(`BEGIN ISOLATION LEVEL READ COMMITTED; ${TRANSACTION_SETTINGS}`);
    await assertSuitable(session);
    if ((await stateSeenBy(session, schema)) === 'current') return [];
    // The transaction is idle while the migrations run on a connection of their own.
    await session.query(`
      SET LOCAL statement_timeout = 0;
      SET LOCAL idle_in_transaction_session_timeout = 0`);
    await announceWait(
      () => 'another replica, which migrates the database',
      log,
      () => lockOf(session, stopping),
    );
    stopping.throwIfAborted();
    // From here on the lock stays as long as the migration that runs.
    stopping.removeEventListener('abort', giveUp);
    const state = await stateSeenBy(session, schema);
    if (state === 'current') return [];
    // Imported only here: a process without a database loads no TypeORM.
    const { runMigrations } = await import('./run-migrations.js');
    return await runMigrations(uri, schema, stopping, log).catch(async (error: unknown) => {
      throw (error as { code?: string }).code === INSUFFICIENT_PRIVILEGE
        ? new MayNotMigrate(await refusal(session, state), { cause: error })
        : error;
    });
  } finally {
    stopping.removeEventListener('abort', giveUp);
    await session.query('COMMIT').catch(() => undefined);
    await session.end();
  }
}

/**
 * Asks for it again and again. A statement that waited would hold up the one who has the lock, who
 * may be making an index and waits for older statements. For the same reason it has no parameter.
 */
async function lockOf(session: Client, stopping: AbortSignal): Promise<void> {
  for (const deadline = performance.now() + MIGRATING.waitMs; ;) {
    const { rows } = await session.query<{ isOurs: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${LOCK}) AS "isOurs"`,
    );
    if (rows[0]?.isOurs) return;
    if (performance.now() >= deadline)
      throw new Error(`another replica has been migrating for ${MIGRATING.waitMs / 1_000} s`);
    await pause(LOOK_MS, undefined, { signal: stopping });
  }
}

/** SQLSTATE */
const INSUFFICIENT_PRIVILEGE = '42501';

async function refusal(session: Client, state: SchemaState): Promise<string> {
  const { rows } = await session.query<{ role: string }>('SELECT current_user AS role');
  const role = rows[0]?.role ?? '';
  return state === 'missing'
    ? `the database has no schema of Gophermart’s, and the role "${role}" may not make it: ` +
        'run npm run migrate as the database’s owner'
    : `the schema is older than this program, and the role "${role}" may not change it: ` +
        'run npm run migrate as its owner';
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
    connectionTimeoutMillis: MIGRATING.connectMs,
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
        reason = connectFailure(error).message;
        if (!isAway(error) || performance.now() >= deadline)
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

/** Out of reach, starting, stopping or full; a wrong password will not be right a second later. */
function isAway(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return translateFailure(error) instanceof ConnectionLost || /^(57P|53)/.test(code);
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
export async function schemaState(uri: string, schema = BOOKS): Promise<SchemaState> {
  const client = await connect(uri, { query_timeout: 5_000 });
  try {
    return await stateSeenBy(client, schema);
  } finally {
    await client.end();
  }
}

async function stateSeenBy(
  client: Client,
  { name: schema, migrations }: Schema,
): Promise<SchemaState> {
  const found = await client.query<{ there: boolean }>(
    // Without a parameter: the portal of such a statement keeps its snapshot until the next one,
    // and who makes an index beside this session would wait for it.
    `SELECT to_regclass('${schema}.migrations') IS NOT NULL AS there`,
  );
  if (!found.rows[0]?.there) return 'missing';
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${schema}.migrations`);
  const ran = new Set(rows.map(({ name }) => name));
  return migrations.every(({ name }) => ran.has(name)) ? 'current' : 'behind';
}
