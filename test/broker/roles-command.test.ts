import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { Customer } from '../support/http/customer.js';
import { WebhookReceiver } from '../support/http/webhook-receiver.js';
import { runToEnd } from '../support/processes/child.js';
import { freePort } from '../support/processes/service-process.js';

const PROGRAM = 'scripts/roles.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gophermart-roles-'));
// As root the databases run as nobody, who must get through to their data.
chmodSync(folder, 0o755);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All processes that have the folder on their command line or in their environment. */
function processesOf(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      const [command, environment] = ['cmdline', 'environ'].map((file) => read(pid, file));
      return `${command}${environment}`.includes(path) ? [`${pid} ${command}`] : [];
    });
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

describe('npm run roles', () => {
  let launcher: ChildProcess;
  let receiver: WebhookReceiver;
  let output = '';

  /** A row of the table that it prints. */
  const started = (name: string): { url: string; pid: number } => {
    const row = new RegExp(`^  ${name} +(\\S+:\\d+) .* (\\d+) +logs/${name}.log$`, 'm');
    const [, url = '', pid] = row.exec(output) ?? [];
    return { url, pid: Number(pid) };
  };

  const earn = async (customer: Customer): Promise<void> => {
    const { current } = await customer.balance();
    const number = await (await fetch(`${started('simulator').url}/api/order`)).text();
    expect((await customer.upload(number)).status).toBe(202);
    await eventually('points', async () => (await customer.balance()).current > current, 30_000);
  };

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    const secretFile = join(folder, 'webhook-secret');
    writeFileSync(secretFile, WebhookReceiver.SECRET);
    launcher = spawn(process.execPath, [PROGRAM, '-a', `127.0.0.1:${await freePort()}`], {
      env: {
        PATH: process.env['PATH'],
        DATA_FOLDER: folder,
        WEBHOOK_URL: receiver.url,
        WEBHOOK_SECRET_FILE: relative(process.cwd(), secretFile),
        // What a service would listen at, and these cannot all.
        METRICS_ADDRESS: '127.0.0.1:9',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [launcher.stdout, launcher.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const isDone = (): boolean => /Stop it with Ctrl-C/.test(output) || launcher.exitCode !== null;
    await eventually('everything is ready', isDone, 150_000);
  });

  afterAll(async () => {
    if (launcher.exitCode === null && launcher.signalCode === null) {
      launcher.kill();
      await once(launcher, 'exit');
    }
    await receiver.stop();
  });

  it('starts each role as a process of its own, with health and metrics', async () => {
    expect(output).toMatch(/^Gophermart is ready, each role in a process of its own\.$/m);
    const names = ['portal-1', 'portal-2', 'billing', 'accrual', 'relay', 'query'];
    const roles = names.map((name) => started(name));
    expect(new Set(roles.map(({ pid }) => pid)).size).toBe(names.length);
    for (const { url } of roles)
      for (const path of ['health/ready', 'metrics'])
        expect((await fetch(`${url}/${path}`)).status).toBe(200);
    expect((await fetch(`${started('billing').url}/api/user/balance`)).status).toBe(404);
  });

  it('posts events to the webhook', async () => {
    await earn(await Customer.register(started('portal-1').url));
    const isPosted = (): boolean => receiver.taken.some(({ type }) => type.endsWith('processed'));
    await eventually('the points are posted', isPosted);
  });

  it.each(['bash', 'sh'])('prints first steps that work, in %s', (shell) => {
    const steps = output.match(/^ {2}(curl|sleep) .*\n/gm) ?? [];
    expect(steps).toHaveLength(3);
    const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe' } as const;
    expect(execFileSync(shell, ['-c', steps.join('')], options)).toMatch(
      /"status":"PROCESSED","accrual":[\d.]+,.*"withdrawn":0\}$/s,
    );
  });

  it('brings back what is killed', async () => {
    const customer = await Customer.register(started('portal-1').url);
    await earn(customer);
    for (const name of ['billing', 'rabbitmq']) {
      const { pid } = started(name);
      process.kill(pid, 'SIGKILL');
      const again = new RegExp(`^${name} is ready again: process (\\d+)$`, 'm');
      await eventually(`${name} is back`, () => again.test(output), 60_000);
      expect(output).toContain(`${name} (process ${pid}) has ended by SIGKILL;`);
      expect(Number(again.exec(output)?.[1])).not.toBe(pid);
    }
    // The other portal takes the token, and each finds billing and the broker again.
    for (const portal of ['portal-2', 'portal-1']) {
      const here = customer.at(started(portal).url);
      await eventually(
        'billing is found',
        async () => (await here.statusOf('GET', '/api/user/orders')) === 200,
      );
      await earn(here);
    }
  }, 600_000);

  it('stops everything, within 20 s and with 0', async () => {
    expect(processesOf(folder).length).toBeGreaterThan(10);
    const began = Date.now();
    const exit = once(launcher, 'exit');
    launcher.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(processesOf(folder)).toEqual([]);
  });
});

describe('npm run roles that is told something wrong', () => {
  const data = join(folder, 'none');
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runToEnd(process.execPath, [PROGRAM, ...args], undefined, {
      cwd: process.cwd(),
      env: { ...env, DATA_FOLDER: data },
    });

  it('names all of it, and starts nothing', async () => {
    const { exitCode, errors } = await run(['-a', 'nowhere', '--fast'], { AMQP: 'http://broker' });
    expect(exitCode).toBe(1);
    for (const name of ['flag -a', '--fast', 'AMQP']) expect(errors).toContain(name);
    expect(existsSync(data)).toBe(false);
  });

  it('says that its address is taken, and starts nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { exitCode, errors } = await run([], { RUN_ADDRESS: `127.0.0.1:${port}` });
    server.close();
    expect([exitCode, errors]).toEqual([1, expect.stringMatching(/^no portal .*EADDRINUSE.*\n$/)]);
    expect(existsSync(data)).toBe(false);
  });

  it('has a help', async () => {
    const { exitCode, output } = await run(['--help']);
    expect([exitCode, output]).toEqual([
      0,
      expect.stringMatching(/-a, --a <host:port> .*RUN_ADDR/),
    ]);
    expect(existsSync(data)).toBe(false);
  });
});
