import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable } from '../../../src/kernel/application/persistence-errors.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { ReadOnlySession } from '../../../src/reconciliation/infrastructure/read-only-session.js';
import { openDatabase, type OpenDatabase } from '../../support/database/open-database.js';
import {
  createTestDatabase,
  setForDatabase,
  type TestDatabase,
} from '../../support/database/test-database.js';

/** What an operator may have set for other programs. None of it is for ours. */
const STRANGE = {
  DateStyle: 'German',
  TimeZone: 'Asia/Kathmandu',
  extra_float_digits: '-15',
  array_nulls: 'off',
  standard_conforming_strings: 'off',
  default_transaction_isolation: 'serializable',
  statement_timeout: '200ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '1ms',
  transaction_timeout: '200ms',
  synchronous_commit: 'off',
  plan_cache_mode: 'force_custom_plan',
} as const;

/** `AT TIME ZONE` is said wherever a time becomes text: no zone of the session is asked for. */
const NAMES = Object.keys(STRANGE).filter((name) => !/^(default|TimeZone)/.test(name));

describe('what a database sets for its sessions', () => {
  let database: TestDatabase;
  let open: OpenDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await setForDatabase(database, STRANGE);
    open = await openDatabase(database);
  });

  afterAll(async () => {
    await open.close();
    await database.drop();
  });

  const settings = `SELECT ${NAMES.map((name) => `current_setting('${name}') AS "${name}"`).join()},
    current_setting('transaction_isolation') AS isolation`;

  it('does not reach our transactions, nor single statements', async () => {
    const expected = {
      DateStyle: 'ISO, DMY',
      extra_float_digits: '1',
      array_nulls: 'on',
      standard_conforming_strings: 'on',
      statement_timeout: '4s',
      lock_timeout: '3s',
      idle_in_transaction_session_timeout: '10s',
      transaction_timeout: '0',
      synchronous_commit: 'on',
      plan_cache_mode: 'force_generic_plan',
    };
    const { rows } = await open.unitOfWork.query(settings);
    expect(rows).toMatchObject([expected]);
    const inside = await open.unitOfWork.run((transaction) => pgOf(transaction).query(settings));
    expect(inside.rows).toEqual([{ ...expected, isolation: 'read committed' }]);
  });

  it('does not reach the migrations, nor the reconciliation', async () => {
    const empty = await createTestDatabase('template1');
    // Some statements of the migrations are TypeORM's own, and may take longer.
    const patient = { statement_timeout: '5s', transaction_timeout: '5s' };
    await setForDatabase(empty, { ...STRANGE, ...patient });
    await expect(migrate(empty.uri)).resolves.not.toEqual([]);
    const session = await ReadOnlySession.open(empty.uri);
    expect(await session.query(settings)).toMatchObject([
      { DateStyle: 'ISO, DMY', statement_timeout: '1h', isolation: 'repeatable read' },
    ]);
    await session.endWith('SELECT', []);
    await session.close();
    await empty.drop();
  });

  it('keeps what else operators chose of synchronous_commit', async () => {
    await setForDatabase(database, { synchronous_commit: 'remote_apply' });
    const other = await openDatabase(database);
    const { rows } = await other.unitOfWork.query(
      `SELECT current_setting('synchronous_commit') AS mode`,
    );
    expect(rows).toEqual([{ mode: 'remote_apply' }]);
    await other.close();
  });

  it('ends no transaction that it would have ended', async () => {
    open.unitOfWork.tries = 0;
    await open.unitOfWork.run(async (transaction) => {
      await pgOf(transaction).query('SELECT pg_sleep(0.3)');
      await new Promise((resolve) => setTimeout(resolve, 50));
      await pgOf(transaction).query('SELECT');
    });
    expect(open.unitOfWork.tries).toBe(1);
  });

  it('is back after each transaction: a pooler gives the session to others', async () => {
    const dataSource = new DataSource(dataSourceOptions(database.uri, 1));
    await dataSource.initialize();
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    const before = await pool.query(settings);
    const unitOfWork = new PgUnitOfWork(dataSource);
    await unitOfWork.query('SELECT');
    await unitOfWork.run((transaction) => pgOf(transaction).query('SELECT'));
    expect((await pool.query(settings)).rows).toEqual(before.rows);
    await dataSource.destroy();
  });

  it('of a read-only database is the operators’ will: it cannot do its part', async () => {
    await setForDatabase(database, { default_transaction_read_only: 'on' });
    const other = await openDatabase(database);
    await expect(
      other.unitOfWork.query('UPDATE gophermart.accrual_gate SET permits = 0'),
    ).rejects.toThrow(DatabaseUnavailable);
    await expect(other.unitOfWork.query('SELECT 1 AS one')).resolves.toMatchObject({
      rows: [{ one: 1 }],
    });
    await other.close();
  });
});
