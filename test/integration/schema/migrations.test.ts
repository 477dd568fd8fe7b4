import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';

describe(migrate, () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('template1');
  });

  afterEach(() => database.drop());

  /**
   * Everything of the schema that can be told in a line: tables with options, columns, constraints,
   * indexes, triggers, functions, types.
   */
  async function catalogue(): Promise<string[]> {
    const lines = await database.query<{ line: string }>(`
      SELECT concat_ws(' ', c.relkind, c.relname, c.reloptions) AS line
      FROM pg_class c WHERE c.relnamespace = 'gophermart'::regnamespace
      UNION ALL
      SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attcollation)
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'gophermart'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL
      SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
      FROM pg_constraint WHERE connamespace = 'gophermart'::regnamespace
      UNION ALL
      SELECT indexdef FROM pg_indexes WHERE schemaname = 'gophermart'
      UNION ALL
      SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE c.relnamespace = 'gophermart'::regnamespace AND NOT t.tgisinternal
      UNION ALL
      SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'gophermart'::regnamespace
      UNION ALL
      SELECT concat_ws(' ', t.typname, (
        SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e
        WHERE e.enumtypid = t.oid
      ))
      FROM pg_type t WHERE t.typnamespace = 'gophermart'::regnamespace AND t.typtype = 'e'
      ORDER BY line`);
    return lines.map(({ line }) => line);
  }

  async function session(): Promise<Client> {
    const client = new Client({ connectionString: database.uri });
    await client.connect();
    return client;
  }

  it('runs every migration once, in order', async () => {
    await expect(migrate(database.uri)).resolves.toEqual(MIGRATIONS.map(({ name }) => name));
    await expect(migrate(database.uri)).resolves.toEqual([]);
  });

  it('can take every step back, and forward again to the same schema', async () => {
    await migrate(database.uri);
    const schema = await catalogue();
    expect(schema.length).toBeGreaterThan(60);
    const dataSource = new DataSource(dataSourceOptions(database.uri, 1));
    await dataSource.initialize();
    try {
      for (let left = MIGRATIONS.length; left > 0; left--)
        await dataSource.undoLastMigration({ transaction: 'each' });
    } finally {
      await dataSource.destroy();
    }
    expect((await catalogue()).filter((line) => !/migrations|PK_/.test(line))).toEqual([]);
    await expect(migrate(database.uri)).resolves.toHaveLength(MIGRATIONS.length);
    expect(await catalogue()).toEqual(schema);
  });

  it('lets one of several replicas that start at once do the work', async () => {
    const ran = await Promise.all(Array.from({ length: 4 }, () => migrate(database.uri)));
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, 0, MIGRATIONS.length]);
    expect(await database.query('SELECT name FROM gophermart.migrations')).toHaveLength(
      MIGRATIONS.length,
    );
  });

  it('touches nothing outside its own schema', async () => {
    await database.query(
      `CREATE TABLE public.orders (number text);
       CREATE TABLE public.users (login text);
       CREATE TABLE public.migrations (x int)`,
    );
    const others = (): Promise<object[]> =>
      database.query(`
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'gophermart')
        UNION ALL SELECT 'extension', extname FROM pg_extension
        UNION ALL SELECT 'schema', nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%'
        ORDER BY 1, 2`);
    const before = await others();
    await migrate(database.uri);
    const added = (await others()).filter(
      (each) => !before.some((old) => JSON.stringify(old) === JSON.stringify(each)),
    );
    expect(added).toEqual([{ nspname: 'schema', relname: 'gophermart' }]);
  });

  it('gives up waiting for another replica when the service is stopped', async () => {
    const other = await session();
    const stopping = new AbortController();
    const lines: string[] = [];
    try {
      await other.query('SELECT pg_advisory_lock(7106240512)');
      const waiting = migrate(database.uri, {
        stopping: stopping.signal,
        log: (line) => lines.push(line),
      });
      await Promise.all([
        expect(waiting).rejects.toThrow(),
        eventually('it waits', () => lines.length > 0).then(() => stopping.abort()),
      ]);
      expect(lines[0]).toContain('waiting for another replica, which migrates the database');
      await expect(
        database.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'gophermart'`),
      ).resolves.toEqual([]);
    } finally {
      await other.end();
    }
  });

  it('waits for nobody where there is nothing to do', async () => {
    await migrate(database.uri);
    const other = await session();
    try {
      // As a session of an earlier version leaves it behind in a pooler.
      await other.query('SELECT pg_advisory_lock(7106240512)');
      await expect(migrate(database.uri)).resolves.toEqual([]);
    } finally {
      await other.end();
    }
  });

  it('may wait, and be idle, longer than sessions of the database may', async () => {
    await database.query(`DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = 200',
        current_database());
      EXECUTE format('ALTER DATABASE %I SET statement_timeout = 500', current_database());
    END $$`);
    const other = await session();
    await other.query('SET idle_in_transaction_session_timeout = 0');
    await other.query('BEGIN; SELECT pg_advisory_xact_lock(7106240512)');
    try {
      const migrating = migrate(database.uri);
      const isLate = `SELECT FROM pg_stat_activity WHERE application_name = 'gophermart migrations'
        AND datname = current_database()
        AND clock_timestamp() - xact_start > interval '600 milliseconds'`;
      await eventually('it waits', async () => (await database.query(isLate)).length === 1);
      await other.query('COMMIT');
      await expect(migrating).resolves.toHaveLength(MIGRATIONS.length);
      // Nor has the server ended the session that holds the lock.
      await expect(
        database.query(
          `SELECT sessions_fatal FROM pg_stat_database WHERE datname = current_database()`,
        ),
      ).resolves.toEqual([{ sessions_fatal: '0' }]);
    } finally {
      await other.end();
    }
  });

  it('releases its lock', async () => {
    await migrate(database.uri);
    expect(
      await database.query(
        `SELECT pid FROM pg_locks WHERE locktype = 'advisory'
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      ),
    ).toEqual([]);
  });
});
