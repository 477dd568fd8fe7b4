import { type AddressInfo, createServer } from 'node:net';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable } from '../../../src/kernel/application/persistence-errors.js';
import { connect, dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import {
  createTestDatabase,
  setForDatabase,
  type TestDatabase,
} from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { TcpProxy } from '../../support/http/tcp-proxy.js';

describe('a URI of several servers', () => {
  let database: TestDatabase;
  let first: TcpProxy;
  let second: TcpProxy;

  beforeAll(async () => {
    database = await createTestDatabase();
    first = await TcpProxy.start(database.uri);
    second = await TcpProxy.start(database.uri);
  });

  afterAll(async () => {
    await first.stop();
    await second.stop();
    await database.drop();
  });

  /** The test database by these hosts. */
  const uriOf = (hosts: string[], parameters = ''): string =>
    database.uri.replace(new URL(database.uri).host, hosts.join(',')) + parameters;
  const hostOf = (proxy: TcpProxy): string => new URL(proxy.uri).host;

  const closedPort = async (): Promise<string> => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return `127.0.0.1:${port}`;
  };

  const open = async (uri: string): Promise<{ unitOfWork: PgUnitOfWork; close: () => unknown }> => {
    const dataSource = new DataSource(dataSourceOptions(uri, 3));
    await dataSource.initialize();
    return { unitOfWork: new PgUnitOfWork(dataSource), close: () => dataSource.destroy() };
  };

  it('leads to the first that answers, for single connections and for the pool', async () => {
    const uri = uriOf([await closedPort(), hostOf(second)]);
    const client = await connect(uri);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await expect(connect(uriOf([await closedPort(), await closedPort()]))).rejects.toThrow(
      'ECONNREFUSED',
    );
  });

  it('leads to the next when one goes, and back when that goes too', async () => {
    const { unitOfWork, close } = await open(uriOf([hostOf(first), hostOf(second)]));
    const one = (): Promise<unknown> => unitOfWork.query('SELECT 1 AS one');
    await one();
    first.goDown();
    await expect(Promise.all([1, 2, 3, 4, 5].map(one))).resolves.toHaveLength(5);
    first.comeBack();
    second.goDown();
    await expect(Promise.all([1, 2, 3, 4, 5].map(one))).resolves.toHaveLength(5);
    first.goDown();
    await expect(one()).rejects.toThrow(DatabaseUnavailable);
    second.comeBack();
    await expect(one()).resolves.toBeDefined();
    first.comeBack();
    await close();
  });

  it('leads to no server that may not write, where that is wanted', async () => {
    const uri = uriOf([hostOf(first), hostOf(second)], '&target_session_attrs=read-write');
    const { unitOfWork, close } = await open(uri);
    await setForDatabase(database, { default_transaction_read_only: 'on' });
    first.breakAll();
    second.breakAll();
    await eventually('no server is left', async () =>
      unitOfWork.query('SELECT').then(
        () => false,
        (error: unknown) => String(error).includes('the server is not read-write'),
      ),
    );
    await setForDatabase(database, { default_transaction_read_only: 'off' });
    await expect(unitOfWork.query('SELECT')).resolves.toBeDefined();
    const primary = await connect(uri.replace('read-write', 'primary'));
    await primary.end();
    await close();
  });
});
