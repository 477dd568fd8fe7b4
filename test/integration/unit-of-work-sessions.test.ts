import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { ConnectionLost } from '../../src/shared/application/persistence-errors.js';
import { PgUnitOfWork } from '../../src/shared/infrastructure/pg-unit-of-work.js';
import type { Transaction } from '../../src/shared/application/transaction.js';
import { within } from '../../src/shared/infrastructure/pg-transaction.js';
import { openDatabase, type OpenDatabase } from '../support/open-database.js';

describe(`${PgUnitOfWork.name}, when a session ends`, () => {
  let open: OpenDatabase;
  let unitOfWork: PgUnitOfWork;

  beforeAll(async () => {
    open = await openDatabase();
    unitOfWork = open.unitOfWork;
    await open.database.query('CREATE TABLE public.notes (note text PRIMARY KEY)');
  });

  afterAll(() => open.close());

  beforeEach(() => open.database.query('TRUNCATE public.notes'));

  const write = (note: string, transaction?: Transaction): Promise<unknown> =>
    (transaction ? within(transaction) : unitOfWork).query('INSERT INTO public.notes VALUES ($1)', [note]);
  const notes = async (): Promise<string[]> =>
    (await open.database.query<{ note: string }>('SELECT note FROM public.notes ORDER BY note')).map(({ note }) => note);

  it('runs again when its session is ended in the middle', async () => {
    let runs = 0;
    await unitOfWork.run(async (transaction) => {
      await write(`try ${++runs}`, transaction);
      if (runs > 1) return;
      const { rows } = await within(transaction).query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await open.database.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
      await write('never', transaction);
    });
    expect(runs).toBe(2);
    expect(await notes()).toEqual(['try 2']);
  });

  it('gives up when its session is ended every time, and recovers', async () => {
    let runs = 0;
    const hopeless = unitOfWork.run(async (transaction) => {
      runs++;
      await within(transaction).query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(hopeless).rejects.toThrow(ConnectionLost);
    expect(runs).toBe(3);
    await unitOfWork.run((transaction) => write('a', transaction));
    expect(await notes()).toEqual(['a']);
  });

  it('survives a session that ends in the moment its connection changes hands', async () => {
    const dataSource = new DataSource(dataSourceOptions(open.database.uri, 1));
    await dataSource.initialize();
    const onlyOne = new PgUnitOfWork(dataSource);
    let ends = 1;
    ((dataSource.driver as PostgresDriver).master as Pool).on('acquire', (client) => {
      if (--ends >= 0) process.nextTick(() => client.emit('error', new Error('Connection terminated unexpectedly')));
    });
    await onlyOne.run((transaction) => write('a', transaction));
    expect(await notes()).toEqual(['a']);
    await dataSource.destroy();
  });
});
