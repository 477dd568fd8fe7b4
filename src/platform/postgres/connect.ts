import { Client } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';

/** All our tables live here: others, such as an accrual system, may be given the same database. */
export const SCHEMA = 'gophermart';

/**
 * `pg` waits for ever by itself, for a connection, a lock or an answer; in milliseconds. The server
 * gives up first, so that its answer, and not a broken connection, is what we see.
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
 * How the service connects: `pool` connections at most, 10 measured best on two cores (50 is
 * worse).
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
 * Gives a URI's `sslmode` the meaning that libpq, and so everybody's experience, gives it:
 * `require` encrypts without asking who it is, `prefer` and `allow` encrypt where the server can.
 * `pg` 8 takes all of them for `verify-full`, with a warning.
 */
export async function likeLibpq(uri: string): Promise<string> {
  const mode = /[?&]sslmode=([\w-]+)/.exec(uri)?.[1];
  if (mode === undefined || mode === 'disable' || uri.includes('uselibpqcompat=')) return uri;
  const compatible = `${uri}&uselibpqcompat=true`;
  if (mode !== 'prefer' && mode !== 'allow') return compatible;
  return (await speaksTls(compatible))
    ? compatible
    : uri.replace(`sslmode=${mode}`, 'sslmode=disable');
}

/** Any failure but the server's plain no is for whoever connects next to meet. */
async function speaksTls(uri: string): Promise<boolean> {
  const client = new Client({ connectionString: uri, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    return !(error as Error).message.includes('does not support SSL');
  } finally {
    await client.end().catch(() => undefined);
  }
}
