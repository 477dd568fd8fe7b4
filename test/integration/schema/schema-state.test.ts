import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../../migrations/index.js';
import { migrate, schemaState } from '../../../src/platform/postgres/schema/migrate.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';

describe(schemaState, () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase('template1');
  });

  afterEach(() => database.drop());

  it('is missing before the first start, and looking makes nothing', async () => {
    await database.query('CREATE TABLE public.migrations (name text)');
    await expect(schemaState(database.uri)).resolves.toBe('missing');
    await expect(
      database.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'gophermart'`),
    ).resolves.toEqual([]);
  });

  it('is current after the migrations, those of a newer program included', async () => {
    await migrate(database.uri);
    await expect(schemaState(database.uri)).resolves.toBe('current');
    await database.query(
      `INSERT INTO gophermart.migrations (timestamp, name)
       VALUES (9999999999999, 'Newer9999999999999')`,
    );
    await expect(schemaState(database.uri)).resolves.toBe('current');
  });

  it('is behind where a migration has not run', async () => {
    await migrate(database.uri);
    await database.query('DELETE FROM gophermart.migrations WHERE name = $1', [
      MIGRATIONS.at(-1)?.name,
    ]);
    await expect(schemaState(database.uri)).resolves.toBe('behind');
  });

  it('rejects when the database cannot be reached', async () => {
    await expect(schemaState('postgres://nobody@127.0.0.1:1/none')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the start on a database that cannot hold every login', () => {
  it('is refused by the name of what is wrong, and changes nothing', async () => {
    const database = await createTestDatabase(
      `template0 ENCODING 'WIN1251' LOCALE_PROVIDER libc LOCALE 'C'`,
    );
    await expect(migrate(database.uri)).rejects.toThrow('the database’s encoding is WIN1251');
    await expect(schemaState(database.uri)).resolves.toBe('missing');
    await database.drop();
  });
});
