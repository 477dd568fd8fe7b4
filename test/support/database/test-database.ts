import { randomBytes } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';

const TEMPLATE = 'gophermart_template';

/** A migrated database of a test file's own. */
export interface TestDatabase {
  readonly uri: string;
  query<Row extends QueryResultRow>(text: string, parameters?: unknown[]): Promise<Row[]>;
  /** Ends everyone's sessions and drops it. */
  drop(): Promise<void>;
}

/** Copies the template, which takes about 60 ms; `template1` makes an empty one. */
export async function createTestDatabase(template = TEMPLATE): Promise<TestDatabase> {
  const server = new URL(process.env['TEST_DATABASE_URI'] ?? '');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(server.href, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const uri = new URL(server);
  uri.pathname = `/${name}`;
  const client = new Client({ connectionString: uri.href });
  await client.connect();
  return {
    uri: uri.href,
    query: async <Row extends QueryResultRow>(text: string, parameters?: unknown[]) =>
      (await client.query<Row>(text, parameters)).rows,
    drop: async () => {
      await client.end();
      await asAdmin(server.href, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/**
 * Runs statements, in one commit, with the triggers of this session switched off: those refuse to
 * change or remove what was booked, and foreign keys are triggers too.
 *
 * @param session is a superuser's.
 */
export async function tamper(
  session: { query(text: string): Promise<unknown> },
  ...statements: readonly string[]
): Promise<void> {
  // One text is one transaction.
  await session.query(['SET LOCAL session_replication_role = replica', ...statements].join(';\n'));
}

async function asAdmin(uri: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: uri });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What every session of this database has from its beginning, unless it says otherwise. */
export async function setForDatabase(
  database: TestDatabase,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const [{ name } = { name: '' }] = await database.query<{ name: string }>(
    'SELECT current_database() AS name',
  );
  for (const [setting, value] of Object.entries(settings))
    await database.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
}

/**
 * How many sessions of this database wait for a lock. Not by pg_stat_activity: a transaction sees
 * that as it was at its first look.
 */
export async function lockWaits(database: TestDatabase): Promise<number> {
  const waiting = await database.query(`
    SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid IN (
      SELECT pid FROM pg_locks
      WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )`);
  return waiting.length;
}
