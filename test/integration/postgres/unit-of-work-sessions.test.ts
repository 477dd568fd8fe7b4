import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { describe, expect, it } from '@jest/globals';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import {
  ConnectionLost,
  DatabaseUnavailable,
} from '../../../src/kernel/application/persistence-errors.js';
import { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { Notes } from '../../support/database/notes.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';

describe(`${PgUnitOfWork.name}, when a session ends`, () => {
  const notes = Notes.ofSuite();

  it('runs again when its session is ended in the middle', async () => {
    let runs = 0;
    await notes.unitOfWork.run(async (transaction) => {
      await notes.write(`try ${++runs}`, transaction);
      if (runs > 1) return;
      const { rows } = await pgOf(transaction).query<{ pid: number }>(
        'SELECT pg_backend_pid() AS pid',
      );
      await notes.database.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
      await notes.write('never', transaction);
    });
    expect(runs).toBe(2);
    expect(await notes.all()).toEqual(['try 2']);
  });

  it('gives up when its session is ended every time, and recovers', async () => {
    let runs = 0;
    const hopeless = notes.unitOfWork.run(async (transaction) => {
      runs++;
      await pgOf(transaction).query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(hopeless).rejects.toThrow(ConnectionLost);
    expect(runs).toBe(3);
    await notes.unitOfWork.run((transaction) => notes.write('a', transaction));
    expect(await notes.all()).toEqual(['a']);
  });

  it('opens all its connections before a burst, without those that it cannot get', async () => {
    const dataSource = new DataSource(dataSourceOptions(notes.database.uri, 4));
    await dataSource.initialize();
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    await new PgUnitOfWork(dataSource).openConnections();
    expect([pool.totalCount, pool.idleCount]).toEqual([4, 4]);
    await dataSource.destroy();

    const away = new DataSource(dataSourceOptions('postgres://127.0.0.1:1/none', 4));
    Object.assign(away.driver, { master: new Pool({ host: '127.0.0.1', port: 1, max: 4 }) });
    await expect(new PgUnitOfWork(away).openConnections()).resolves.toBeUndefined();
  });

  it('does not use a connection again that has not answered in time', async () => {
    const proxy = await TcpProxy.start(notes.database.uri);
    const dataSource = new DataSource(dataSourceOptions(proxy.uri, 1));
    await dataSource.initialize();
    const onlyOne = new PgUnitOfWork(dataSource);
    await onlyOne.query('SELECT 1');
    proxy.fallSilent();
    await expect(onlyOne.query('SELECT 1')).rejects.toThrow(DatabaseUnavailable);
    proxy.comeBack();
    await expect(onlyOne.query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await dataSource.destroy();
    await proxy.stop();
  }, 60_000);

  it('survives a session that ends in the moment its connection changes hands', async () => {
    const dataSource = new DataSource(dataSourceOptions(notes.database.uri, 1));
    await dataSource.initialize();
    const onlyOne = new PgUnitOfWork(dataSource);
    let ends = 1;
    ((dataSource.driver as PostgresDriver).master as Pool).on('acquire', (client) => {
      if (--ends >= 0)
        process.nextTick(() =>
          client.emit('error', new Error('Connection terminated unexpectedly')),
        );
    });
    await onlyOne.run((transaction) => notes.write('a', transaction));
    expect(await notes.all()).toEqual(['a']);
    await dataSource.destroy();
  });
});
