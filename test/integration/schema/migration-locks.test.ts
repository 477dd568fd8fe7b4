import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import {
  createTestDatabase,
  lockWaits,
  type TestDatabase,
} from '../../support/database/test-database.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';
import { eventually } from '../../support/eventually.js';

describe('a migration beside a service at work', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(() => database.drop());

  async function session(): Promise<Client> {
    const client = new Client({ connectionString: database.uri });
    await client.connect();
    return client;
  }

  const isWaiting = async (): Promise<boolean> => (await lockWaits(database)) === 1;

  const triggers = async (): Promise<number> => {
    const found = await database.query(
      `SELECT FROM pg_trigger WHERE tgrelid = 'gophermart.orders'::regclass AND NOT tgisinternal`,
    );
    return found.length;
  };

  async function undoUntil(isEnough: () => Promise<boolean>): Promise<void> {
    const dataSource = new DataSource(dataSourceOptions(database.uri, 1));
    await dataSource.initialize();
    while (!(await isEnough())) await dataSource.undoLastMigration({ transaction: 'each' });
    await dataSource.destroy();
  }

  it('lets others go on while it waits for a table that is read', async () => {
    await undoUntil(async () => (await triggers()) === 0);
    const reader = await session();
    try {
      await reader.query('BEGIN; SELECT FROM gophermart.orders');
      const migrating = migrate(database.uri);
      await eventually('it waits', isWaiting);
      // Behind the migration, until that gives its place up.
      await database.query('SELECT FROM gophermart.orders');
      expect(await triggers()).toBe(0);
      await reader.query('COMMIT');
      await expect(migrating).resolves.not.toEqual([]);
      expect(await triggers()).toBeGreaterThan(0);
    } finally {
      await reader.end();
    }
  });

  it('holds no lock on users while it waits for accounts', async () => {
    const ran = `SELECT FROM gophermart.migrations WHERE name LIKE 'EndSessions%'`;
    await undoUntil(async () => (await database.query(ran)).length === 0);
    const reader = await session();
    try {
      await reader.query('BEGIN; SELECT FROM gophermart.accounts');
      const migrating = migrate(database.uri);
      await eventually('it waits', isWaiting);
      await expect(
        database.query(
          `SELECT mode FROM pg_locks WHERE relation = 'gophermart.users'::regclass AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        ),
      ).resolves.toEqual([]);
      await reader.query('COMMIT');
      await expect(migrating).resolves.toContain('EndSessions1700000000028');
    } finally {
      await reader.end();
    }
  });

  it('indexes the journal while others write to it, and another replica waits', async () => {
    await database.query('DROP INDEX gophermart.events_of_user');
    await database.query(`DELETE FROM gophermart.migrations WHERE name LIKE 'IndexEventsOfUser%'`);
    const writer = await session();
    try {
      await writer.query(`BEGIN; INSERT INTO gophermart.events (type, data) VALUES ('a', '{}')`);
      const lines: string[] = [];
      const log = (line: string): void => void lines.push(line);
      const migrating = [migrate(database.uri, { log }), migrate(database.uri, { log })];
      await eventually('it waits', isWaiting);
      // Nobody waits behind it, as they would behind CREATE INDEX.
      await database.query(`INSERT INTO gophermart.events (type, data) VALUES ('b', '{}')`);
      await eventually('it says for what', () =>
        lines.includes(
          'index events_of_user: waiting for writers before build: ' +
            '0 of 1 transactions, 0 transactions/s',
        ),
      );
      await writer.query('COMMIT');
      const ran = await Promise.all(migrating);
      expect(ran.flat()).toEqual(['IndexEventsOfUser1700000000029']);
    } finally {
      await writer.end();
    }
  });

  describe('behind a pooler, which may give each statement another session', () => {
    let pooler: TcpProxy;

    beforeEach(async () => {
      await database.query('DROP INDEX gophermart.events_of_user');
      await database.query(
        `DELETE FROM gophermart.migrations WHERE name LIKE 'IndexEventsOfUser%'`,
      );
      pooler = await TcpProxy.start(database.uri);
      pooler.namesItself = true;
    });

    afterEach(() => pooler.stop());

    it('indexes the journal', async () => {
      await expect(migrate(pooler.uri)).resolves.toEqual(['IndexEventsOfUser1700000000029']);
    });

    it('says what to do where a time-out would have to be lifted for a session', async () => {
      await database.query(`DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET statement_timeout = 60000', current_database());
        EXECUTE format('ALTER DATABASE %I SET lock_timeout = 60000', current_database());
      END $$`);
      await expect(migrate(pooler.uri)).rejects.toThrow(
        'lock_timeout and statement_timeout of this role or database would cut it off',
      );
      await expect(migrate(database.uri)).resolves.toEqual(['IndexEventsOfUser1700000000029']);
    });
  });

  it('makes an index anew that was broken off', async () => {
    await database.query(`DELETE FROM gophermart.migrations WHERE name LIKE 'IndexEventsOfUser%'`);
    const index = `indexrelid = 'gophermart.events_of_user'::regclass`;
    await database.query(`UPDATE pg_index SET indisvalid = false WHERE ${index}`);
    await migrate(database.uri);
    await expect(database.query(`SELECT indisvalid FROM pg_index WHERE ${index}`)).resolves.toEqual(
      [{ indisvalid: true }],
    );
  });
});
