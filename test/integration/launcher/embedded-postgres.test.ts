import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ask, postmasterPid, useLauncher } from '../../support/processes/launcher.js';

const launcher = useLauncher();

describe('the embedded PostgreSQL', () => {
  it('first makes a cluster: UTF-8, durable, with a password, for this machine only', async () => {
    const { uri, folder } = await launcher.start({ settings: {} }).ready();
    expect(folder).toBe(join(launcher.place, 'postgres'));
    expect(new URL(uri).hostname).toBe('127.0.0.1');
    expect(await ask(uri, 'SHOW server_encoding')).toBe('UTF8');
    expect(
      await ask(
        uri,
        `SELECT datlocprovider::text || datlocale FROM pg_database
         WHERE datname = current_database()`,
      ),
    ).toBe('bC.UTF-8');
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
      expect(await ask(uri, `SHOW ${setting}`)).toBe('on');
    expect(await ask(uri, 'SHOW listen_addresses')).toBe('127.0.0.1');
    expect(await ask(uri, 'SHOW unix_socket_directories')).toBe('');
    expect(statSync(join(folder, 'cluster/password')).mode & 0o777).toBe(0o600);
    const stranger = uri.replace(/:[0-9a-f]{64}@/, ':wrong@');
    await expect(ask(stranger, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('keeps data, password and port between starts', async () => {
    const first = launcher.start();
    const { uri } = await first.ready();
    await ask(uri, 'CREATE TABLE kept AS SELECT 42 AS answer');
    expect(await first.stop()).toBe(0);
    const { uri: again } = await launcher.start().ready();
    expect(again).toBe(uri);
    expect(await ask(again, 'SELECT answer FROM kept')).toBe(42);
  });

  it('stops the server with the service', async () => {
    const service = launcher.start();
    const { uri } = await service.ready();
    expect(await service.stop()).toBe(0);
    await expect(ask(uri, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('is not reached by Ctrl-C: it has a session of its own', async () => {
    const { folder } = await launcher.start().ready();
    const pid = postmasterPid(folder);
    const { stdout } = spawnSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' });
    const group =
      stdout.trim() || readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    expect(group).toBe(String(pid));
  });

  it('is taken over by the next service when its service was killed', async () => {
    const first = launcher.start();
    const { uri, folder } = await first.ready();
    const pid = postmasterPid(folder);
    await first.kill();
    const second = launcher.start();
    expect((await second.ready()).uri).toBe(uri);
    expect(postmasterPid(folder)).toBe(pid);
    expect(second.logs).toContain(
      `the PostgreSQL that an earlier run left behind (process ${pid}) is taken over`,
    );
    await second.stop();
    await expect(ask(uri, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });

  it('is restarted, not taken over, when it was left behind with other settings', async () => {
    const careless = launcher.start({ settings: { fsync: 'off' } });
    await careless.ready();
    await careless.kill();
    const { uri } = await launcher.start({ settings: {} }).ready();
    expect(await ask(uri, 'SHOW fsync')).toBe('on');
  });

  it('starts again when it was killed itself, with the service and without', async () => {
    const first = launcher.start();
    const { uri, folder } = await first.ready();
    await ask(uri, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(postmasterPid(folder), 'SIGKILL');
    await first.kill();
    const second = launcher.start();
    expect(await ask((await second.ready()).uri, 'SELECT answer FROM kept')).toBe(42);
    process.kill(postmasterPid(folder), 'SIGKILL');
    expect(await second.stop()).toBe(0);
    expect(await ask((await launcher.start().ready()).uri, 'SELECT answer FROM kept')).toBe(42);
  });

  it('starts although another process has the number in a left-over postmaster.pid', async () => {
    const first = launcher.start();
    const { folder } = await first.ready();
    const file = join(folder, 'cluster/pgdata/postmaster.pid');
    const [dead, ...rest] = readFileSync(file, 'utf8').split('\n');
    process.kill(Number(dead), 'SIGKILL');
    await first.kill();
    // Of the server's own user: PostgreSQL itself sees that another user's process cannot be its
    // server.
    const { uid, gid } = statSync(join(folder, 'cluster/pgdata'));
    const bystander = spawn('sleep', ['60'], process.getuid?.() === 0 ? { uid, gid } : {});
    writeFileSync(file, [bystander.pid, ...rest].join('\n'));
    await launcher.start().ready();
    expect(postmasterPid(folder)).not.toBe(bystander.pid);
    expect(bystander.kill()).toBe(true);
  });

  it('finds another port when its own is taken', async () => {
    const first = launcher.start();
    const { uri, folder } = await first.ready();
    await first.stop();
    const { port } = new URL(uri);
    const squatter = launcher.start({ folder: join(launcher.place, 'squatter') });
    mkdirSync(join(launcher.place, 'squatter'), { recursive: true });
    writeFileSync(join(launcher.place, 'squatter', 'port'), port);
    expect(new URL((await squatter.ready()).uri).port).toBe(port);
    const { uri: moved } = await launcher.start().ready();
    expect(new URL(moved).port).not.toBe(port);
    expect(readFileSync(join(folder, 'port'), 'utf8').trim()).toBe(new URL(moved).port);
  });

  it('makes a new cluster where the first initdb was cut off', async () => {
    mkdirSync(join(launcher.place, 'postgres', 'cluster.new-0123', 'pgdata'), { recursive: true });
    const { folder } = await launcher.start().ready();
    expect(readdirSync(folder).filter((each) => each.startsWith('cluster'))).toEqual(['cluster']);
  });

  it('says what the server said when it does not start', async () => {
    const { failed } = await launcher.start({ settings: { shared_buffers: 'plenty' } }).outcome;
    expect(failed).toMatch(
      /does not start; its log, .*server\.log, ends with\n.*invalid value for parameter "shared_buffers"/,
    );
  });
});

describe('two services on one data folder', () => {
  it('are refused: the second one fails and the first one keeps its database', async () => {
    const { uri } = await launcher.start().ready();
    const second = launcher.start();
    const { failed } = await second.outcome;
    expect(second.logs[0]).toMatch(/^waiting for process \d+ to leave the data folder .* \(1 s\)$/);
    expect(failed).toMatch(
      /^EmbeddedPostgresFailed: another service, process \d+, is running on the data folder .*DATABASE_URI/,
    );
    expect(await ask(uri, 'SELECT 1')).toBe(1);
  });

  it('start only once when they start together, on the first start too', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => launcher.start().outcome));
    expect(outcomes.filter(({ uri }) => uri !== undefined)).toHaveLength(1);
    expect(outcomes.filter(({ failed }) => failed?.includes('another service'))).toHaveLength(3);
  });

  it('work in a folder too deep for the address of a socket', async () => {
    const folder = join(launcher.place, 'deep'.repeat(40), 'postgres');
    const first = launcher.start({ folder });
    await first.ready();
    expect((await launcher.start({ folder }).outcome).failed).toMatch(/another service/);
    await first.stop();
  });
});
