import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SETTINGS, settingsOf } from '../../../src/config/settings.js';
import { Customer } from '../../support/http/customer.js';
import { NpmStart } from '../../support/processes/npm-start.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';

/** A command of the README that never ends is an error of the README. */
const COMMANDS_WITHIN_MS = 120_000;

const ANY_PORT = ['-a', '127.0.0.1:0'];

// One that a failed test has left, or that several share.
afterAll(() => NpmStart.endAll());

describe('npm start with nothing configured', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-start-'));
  const env = { DATA_FOLDER: folder };

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('lets a stranger earn points, survives kill -9 and keeps its data', async () => {
    const first = NpmStart.run(ANY_PORT, env);
    const url = await first.ready();
    const customer = await Customer.register(url, 'stranger', 'a password');
    const number = await (await fetch(`${url}/sandbox/order`)).text();
    expect((await customer.upload(number)).status).toBe(202);
    await eventually('points arrive', async () => (await customer.balance()).current > 0);
    const { current } = await customer.balance();
    process.kill(first.servicePid, 'SIGKILL');
    await first.end();

    const second = NpmStart.run(ANY_PORT, env);
    const again = await second.ready();
    // The token, too, is still good: the key that signed it was kept.
    const reply = await fetch(`${again}/api/user/balance`, {
      headers: { authorization: customer.authorization },
    });
    expect(await reply.json()).toEqual({ current, withdrawn: 0 });
    const { code, ms } = await second.end('SIGTERM');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });

  describe('and its first steps, pasted twice into one shell', () => {
    let started: NpmStart;
    let url: string;

    /** What they print, in a shell that did not know them before. */
    const paste = async (shell: string, commands: string): Promise<string> => {
      const options = { cwd: folder, timeout: COMMANDS_WITHIN_MS };
      return (await promisify(execFile)(shell, ['-c', commands + commands], options)).stdout;
    };

    beforeAll(async () => {
      started = NpmStart.run(ANY_PORT, env);
      url = await started.ready();
    });

    it.each(['bash', 'sh'])('work as they are printed, in %s', async (shell) => {
      const commands = started.output.match(/^ {2}(curl|sleep) .*\n/gm) ?? [];
      expect(commands).toHaveLength(3);
      const once = /\[\{"number":"\d+","status":"PROCESSED","accrual":[\d.]+,[^[]*"withdrawn":0\}/;
      expect(await paste(shell, commands.join(''))).toMatch(
        new RegExp(`^${once.source}${once.source}$`, 's'),
      );
    });

    it.each(['bash', 'sh'])('work as the README has them, in %s', async (shell) => {
      const [, tour = ''] =
        /## A tour[^\n]*\n([^]*?)\n## /.exec(readFileSync('README.md', 'utf8')) ?? [];
      const blocks = [...tour.matchAll(/```sh\n([^]*?)```/g)].map(([, block = '']) => block);
      // zsh, where somebody types, takes a comment for arguments.
      expect(blocks.join('')).not.toContain('#');
      const printed = await paste(shell, blocks.join('').replaceAll('http://localhost:8080', url));
      const statuses = [...printed.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) =>
        Number(status),
      );
      const once = [200, 202, 200, 200, 200, 200, 200, 200, 422];
      expect(statuses).toEqual([...once, ...once]);
      expect(printed.match(/"status":"PROCESSED"/g)).toHaveLength(2);
    });

    it('end with Ctrl-C', async () => {
      expect((await started.end('SIGINT')).code).toBe(0);
    });
  });
});

describe('npm start with flags', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  const folder = join(mkdtempSync(join(tmpdir(), 'gophermart-flags-')), 'data');

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
    rmSync(join(folder, '..'), { recursive: true, force: true });
  });

  it('uses what it is given and starts nothing else', async () => {
    const started = NpmStart.run(
      [...ANY_PORT, '-d', database.uri.replace('=disable', '=prefer'), '-r', accrual.url],
      {
        JWT_SECRET: 'sixteen bytes or more',
        DATA_FOLDER: folder,
      },
    );
    const customer = await Customer.register(await started.ready());
    await customer.earn('500', accrual);
    expect(await customer.balance()).toEqual({ current: 500, withdrawn: 0 });
    expect(started.output).not.toMatch(/embedded|simulator/i);
    expect(existsSync(folder)).toBe(false);
    expect((await started.end('SIGTERM')).code).toBe(0);
  });

  it.each(['--help', '-h'])('lists flags and variables by %s, and starts nothing', async (flag) => {
    const started = NpmStart.run(['-a', 'nowhere', flag], {
      DATA_FOLDER: folder,
      NODE_ENV: 'production',
    });
    expect((await started.end()).code).toBe(0);
    for (const { variable } of Object.values(SETTINGS).flatMap(({ table }) => settingsOf(table)))
      expect(started.output).toContain(`\n  ${variable} `);
    expect(started.output).toMatch(/-a, --a <host:port> [^]*default: localhost:8080/);
    expect(existsSync(folder)).toBe(false);
  });

  it('names everything that is wrong and exits with 1', async () => {
    const started = NpmStart.run(['-a', 'nowhere', '-d', 'mysql://x'], {
      CASHBACK_CONCURRENCY: 'many',
      RATE_LIMIT_RPS: '-1',
    });
    expect((await started.end()).code).toBe(1);
    for (const name of ['flag -a', 'flag -d', 'CASHBACK_CONCURRENCY', 'RATE_LIMIT_RPS'])
      expect(started.output).toContain(name);
  });

  it('ends with 0 when it is stopped while it waits for its database', async () => {
    const started = NpmStart.run(
      [...ANY_PORT, '-d', 'postgres://nobody@127.0.0.1:1/none', '-r', accrual.url],
      {
        JWT_SECRET: 'sixteen bytes or more',
      },
    );
    const waits = 'waiting for the database at 127.0.0.1:1/none';
    await eventually('it says what it waits for', () => started.output.includes(waits), 150_000);
    const { code, ms } = await started.end('SIGTERM');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
  });

  it('refuses to make a signing key in production', async () => {
    const started = NpmStart.run([...ANY_PORT, '-d', database.uri, '-r', accrual.url], {
      NODE_ENV: 'production',
    });
    expect((await started.end()).code).toBe(1);
    expect(started.output).toContain('JWT_SECRET');
  });

  it('says so when its address is taken', async () => {
    const { host } = new URL(accrual.url);
    const started = NpmStart.run(['-a', host, '-d', database.uri, '-r', accrual.url], {
      JWT_SECRET: 'sixteen bytes or more',
    });
    expect((await started.end()).code).toBe(1);
    expect(started.output).toMatch(/EADDRINUSE/);
  });
});
