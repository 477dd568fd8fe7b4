import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../../src/config/read-config.js';
import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { findDatabase } from '../../../src/service/operator/find-database.js';
import { ask, useLauncher } from '../../support/processes/launcher.js';

const launcher = useLauncher();

describe(findDatabase, () => {
  const find = (uri?: string): ReturnType<typeof findDatabase> => {
    const env = { DATABASE_URI: uri, DATA_FOLDER: launcher.place };
    return findDatabase(readConfig({ env }), () => undefined);
  };

  const isRunning = (folder: string): boolean =>
    existsSync(join(folder, 'cluster/pgdata/postmaster.pid'));

  it('finds the embedded one, running or not, once a service has migrated it', async () => {
    await expect(find()).rejects.toThrow(
      `no service was ever started on the data folder ${launcher.place}`,
    );
    const service = launcher.start();
    const { uri, folder } = await service.ready();
    await expect(find()).rejects.toThrow(
      /^the database 127\.0\.0\.1:\d+\/postgres has no schema of Gophermart’s: start the service/,
    );
    await migrate(uri);
    const beside = await find();
    expect(beside.uri).toBe(uri);
    await beside.release();
    expect(await ask(uri, 'SELECT 42')).toBe(42);

    await service.stop();
    const alone = await find();
    expect(await ask(alone.uri, 'SELECT count(*)::integer FROM gophermart.accrual_gate')).toBe(1);
    await alone.release();
    expect(isRunning(folder)).toBe(false);
  });

  it('stops what it has started when it is of no use', async () => {
    const service = launcher.start();
    const { uri, folder } = await service.ready();
    await migrate(uri);
    await ask(
      uri,
      `DELETE FROM gophermart.migrations WHERE id = (SELECT max(id) FROM gophermart.migrations)`,
    );
    await service.stop();
    await expect(find()).rejects.toThrow(
      /is older than this program: start a service of this version first/,
    );
    expect(isRunning(folder)).toBe(false);
  });

  it('names a database that is away, and no password', async () => {
    const away = find('postgres://ann:secret@127.0.0.1:1/shop?sslmode=prefer');
    await expect(away).rejects.toThrow(
      'the database 127.0.0.1:1/shop cannot be used: connect ECONNREFUSED 127.0.0.1:1',
    );
    await expect(away).rejects.not.toThrow('secret');
  });
});
