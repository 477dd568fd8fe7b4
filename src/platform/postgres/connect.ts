import type { Client, ClientConfig } from 'pg';
import type { DataSourceOptions, MigrationInterface } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';
import { ServerClient, Servers } from './servers/servers.js';

/**
 * What this program keeps in a database: all its tables live in a schema of their own, for others,
 * such as an accrual system, may be given the same database.
 */
export interface Schema {
  readonly name: string;
  /** In the order they run in. */
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** Users, orders, accounts, queue and journal. */
export const BOOKS: Schema = { name: 'gophermart', migrations: MIGRATIONS };

/** How long a caller waits for the database at most, in milliseconds: connection and answers. */
export const PATIENCE_MS = 5_000;

/** How long for a connection: a free one of the pool, or a new one. In milliseconds. */
const CONNECT_MS = 3_000;

/** How long a migration waits, in milliseconds. */
export const MIGRATING = {
  /** For a connection. */
  connectMs: 10_000,
  /** For another replica's migrations, or for its own locks. */
  waitMs: 300_000,
};

/**
 * What a transaction must not inherit from the server, the role or the database. The settings end
 * with the transaction: a pooler gives the session to others then, and passes on no parameters of
 * the start-up packet.
 *
 * By itself PostgreSQL waits for ever: for a lock, or for the client. Its time-outs, in
 * milliseconds, are below ours, so that we see its answer and not a broken connection. Of
 * `synchronous_commit` only `off` is replaced: what was answered must not be lost with a crash. A
 * prepared statement is planned once (ADR 0021): the claim of tasks would be planned each time.
 */
export const TRANSACTION_SETTINGS = `
  SELECT WHERE concat(
    set_config('statement_timeout', '4000', true),
    set_config('lock_timeout', '3000', true),
    set_config('idle_in_transaction_session_timeout', '10000', true),
    set_config('plan_cache_mode', 'force_generic_plan', true),
    CASE WHEN current_setting('transaction_timeout', true) <> '0'
      THEN set_config('transaction_timeout', '0', true) END,
    CASE WHEN current_setting('synchronous_commit') = 'off'
      THEN set_config('synchronous_commit', 'on', true) END,
    set_config('DateStyle', 'ISO', true),
    set_config('extra_float_digits', '1', true),
    set_config('array_nulls', 'on', true),
    set_config('standard_conforming_strings', 'on', true)
  ) = ''`;

/**
 * How long a connection may go unused, in milliseconds. Opening one costs several requests' time,
 * so they are kept between bursts.
 */
const IDLE_MS = 600_000;

/**
 * A connection that was silent so long is probed, in milliseconds, so that no firewall forgets it,
 * and one that died is gone before a caller gets it.
 */
const PROBE_AFTER_MS = 30_000;

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/**
 * How the service connects to a database with this schema, with `pool` connections at most. On two
 * cores 10 are best: 50 are slower.
 */
export function dataSourceOptions(uri: string, pool: number, schema = BOOKS): PostgresOptions {
  const servers = Servers.of(uri);
  return {
    type: 'postgres',
    url: servers.current,
    schema: schema.name,
    applicationName: 'gophermart',
    poolSize: pool,
    installExtensions: false,
    synchronize: false,
    migrations: [...schema.migrations],
    migrationsTableName: 'migrations',
    extra: {
      servers,
      // The pool calls it with `new`.
      Client: function (config: ClientConfig) {
        return new ServerClient(servers, config);
      },
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: PATIENCE_MS,
      idleTimeoutMillis: IDLE_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: PROBE_AFTER_MS,
    },
  };
}

/**
 * Opens a connection of its own, outside the pool, to the first server that serves; the caller ends
 * it. It waits 5 s for each unless `config` says otherwise.
 *
 * @throws the driver's error, of the server that was asked last.
 */
export async function connect(uri: string, config: ClientConfig = {}): Promise<Client> {
  const servers = Servers.of(uri);
  for (let left = servers.uris.length; ; left--) {
    try {
      const options = { connectionTimeoutMillis: PATIENCE_MS, ...config };
      return await new ServerClient(servers, options).connect();
    } catch (error) {
      if (left <= 1) throw error;
    }
  }
}

/** The database can be reached, but is none that the service can work with. */
export class UnsuitableDatabase extends Error {
  override readonly name = 'UnsuitableDatabase';
}

/** @throws UnsuitableDatabase with a sentence for the operator. */
export async function assertSuitable(client: Client): Promise<void> {
  const { rows } = await client.query<{ encoding: string; version: string; major: number }>(
    `SELECT current_setting('server_encoding') AS encoding,
       current_setting('server_version') AS version,
       current_setting('server_version_num')::integer / 10000 AS major`,
  );
  const { encoding = '', version = '', major = 0 } = rows[0] ?? {};
  if (encoding !== 'UTF8')
    throw new UnsuitableDatabase(
      `the database’s encoding is ${encoding}, which cannot hold every login: ` +
        `it must be UTF8 (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)`,
    );
  if (major < 15)
    throw new UnsuitableDatabase(`PostgreSQL 15 or newer is needed, and this is ${version}`);
}

/**
 * Gives a URI's `sslmode` the meaning that it has in libpq, and so in every other client: `require`
 * encrypts without checking the server's certificate, `prefer` and `allow` encrypt where the server
 * can. `pg` 8 takes all of them for `verify-full`, with a warning.
 */
export async function withLibpqSslMode(uri: string): Promise<string> {
  const mode = /[?&]sslmode=([\w-]+)/.exec(uri)?.[1];
  if (mode === undefined || mode === 'disable' || uri.includes('uselibpqcompat=')) return uri;
  const compatible = `${uri}&uselibpqcompat=true`;
  if (mode !== 'prefer' && mode !== 'allow') return compatible;
  return (await speaksTls(compatible))
    ? compatible
    : uri.replace(`sslmode=${mode}`, 'sslmode=disable');
}

/** False where the server says so. Any other failure is left to whoever connects next. */
async function speaksTls(uri: string): Promise<boolean> {
  try {
    const client = await connect(uri);
    await client.end().catch(() => undefined);
    return true;
  } catch (error) {
    return !(error as Error).message.includes('does not support SSL');
  }
}
