import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { visitEmbeddedPostgres } from '../../../src/embedded-postgres/visit-embedded-postgres.js';
import { ask, postmasterPid, useLauncher } from '../../support/processes/launcher.js';

const launcher = useLauncher();

describe(visitEmbeddedPostgres, () => {
  const visit = (): ReturnType<typeof visitEmbeddedPostgres> =>
    visitEmbeddedPostgres({
      folder: join(launcher.place, 'postgres'),
      log: () => undefined,
      settings: { fsync: 'off' },
    });

  it('finds nothing, and makes nothing, where no service was ever started', async () => {
    await expect(visit()).resolves.toBeUndefined();
    expect(existsSync(join(launcher.place, 'postgres'))).toBe(false);
  });

  it('works beside a running service, and leaves its database and its lock alone', async () => {
    const service = launcher.start();
    const { uri, folder } = await service.ready();
    const pid = postmasterPid(folder);
    const locks = readdirSync(join(folder, 'locks'));
    const visited = await visit();
    expect(visited).toMatchObject({ uri, folder });
    expect(await ask(visited?.uri ?? '', 'SELECT 42')).toBe(42);
    expect(readdirSync(join(folder, 'locks'))).toEqual(locks);
    await visited?.stop();
    expect(await ask(uri, 'SELECT 42')).toBe(42);
    expect(postmasterPid(folder)).toBe(pid);
    expect(await service.stop()).toBe(0);
  });

  it('starts the server where no service runs, and stops it again', async () => {
    const first = launcher.start();
    const { uri, folder } = await first.ready();
    await ask(uri, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const visited = await visit();
    expect(await ask(visited?.uri ?? '', 'SELECT answer FROM kept')).toBe(42);
    await visited?.stop();
    expect(existsSync(join(folder, 'cluster/pgdata/postmaster.pid'))).toBe(false);
    expect(await launcher.start().ready()).toMatchObject({ folder });
  });

  it('works with the server of a killed service, and leaves it to the next one', async () => {
    const killed = launcher.start();
    const { uri, folder } = await killed.ready();
    const pid = postmasterPid(folder);
    await killed.kill();
    const visited = await visit();
    expect(visited?.uri).toBe(uri);
    await visited?.stop();
    expect(postmasterPid(folder)).toBe(pid);
    expect(await ask(uri, 'SELECT 42')).toBe(42);
  });

  it('works beside a service that starts at the same moment', async () => {
    const earlier = launcher.start();
    await earlier.ready();
    await earlier.stop();
    const service = launcher.start();
    const visited = await visit();
    expect(await ask(visited?.uri ?? '', 'SELECT 42')).toBe(42);
    await visited?.stop();
    expect(await ask((await service.ready()).uri, 'SELECT 42')).toBe(42);
  });
});
