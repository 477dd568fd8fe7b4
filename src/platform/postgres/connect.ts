import { Client, type ClientConfig } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';

/** All our tables live here: others, such as an accrual system, may be given the same database. */
export const SCHEMA = 'gophermart';

/**
 * By itself `pg` waits for ever: for a connection, a lock or an answer. In milliseconds. The server
 * gives up first, so that we see its answer and not a broken connection.
 */
const TIMEOUTS = {
  connectionTimeoutMillis: 5_000,
  lock_timeout: 5_000,
  statement_timeout: 10_000,
  idle_in_transaction_session_timeout: 15_000,
  query_timeout: 15_000,
};

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/**
 * How the service connects, with `pool` connections at most. On two cores 10 are best: 50 are
 * slower.
 */
export function dataSourceOptions(uri: string, pool: number): PostgresOptions {
  return {
    type: 'postgres',
    url: uri,
    schema: SCHEMA,
    applicationName: 'gophermart',
    poolSize: pool,
    installExtensions: false,
    synchronize: false,
    migrations: MIGRATIONS,
    migrationsTableName: 'migrations',
    extra: { ...TIMEOUTS, keepAlive: true },
  };
}

/**
 * Opens a connection of its own, outside the pool; the caller ends it. It waits for it up to 5 s
 * unless `config` says otherwise.
 *
 * @throws the driver's error.
 */
export async function connect(uri: string, config: ClientConfig = {}): Promise<Client> {
  const client = new Client({ connectionString: uri, connectionTimeoutMillis: 5_000, ...config });
  // A connection that breaks later fails the next query. Without a listener its error would end the
  // process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
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
