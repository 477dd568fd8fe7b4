import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../dist/src/embedded-postgres/embedded-postgres.js';
import { migrate } from '../../../dist/src/platform/postgres/schema/migrate.js';

/** The database every test file's own is copied from: 60 ms instead of all the migrations. */
const TEMPLATE = 'gophermart_template';

/**
 * One PostgreSQL for the whole run, in a folder of its own; without fsync, for nobody cuts its
 * power.
 */
export default async function globalSetup() {
  // Another project of Jest has started it.
  if (globalThis.testDatabaseServer) return;
  const base = mkdtempSync(join(tmpdir(), 'gophermart-test-'));
  // As root the server runs as nobody, who must get through to its data.
  chmodSync(base, 0o755);
  const folder = join(base, 'postgres');
  const server = await startEmbeddedPostgres({
    folder,
    log: () => undefined,
    settings: { fsync: 'off', max_connections: '200' },
  });
  const admin = new pg.Client({ connectionString: server.uri });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.end();
  const uri = new URL(server.uri);
  uri.pathname = `/${TEMPLATE}`;
  await migrate(uri.href);
  process.env.TEST_DATABASE_URI = server.uri;
  globalThis.testDatabaseServer = server;
  globalThis.testFolder = base;
}
