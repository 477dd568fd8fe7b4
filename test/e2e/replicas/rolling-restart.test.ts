import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { type ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { RPC_SECRET } from '../../support/http/rpc-client.js';
import { freePort, ServiceProcess } from '../../support/processes/service-process.js';
import { Balancer } from './balancer.js';
import { Buyer, expectAllServed, startGenerousAccrual } from './buyer.js';

/** Much longer than the balancer takes to notice, also where other programs keep the cores busy. */
const STOP_DELAY_MS = '2000';

/** So many answers of a replica show that it has its share of the load. */
const SHARE = 20;

const BUYERS = 4;

let database: TestDatabase;
let accrual: ScriptedAccrual;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  accrual = await startGenerousAccrual();
  folder = mkdtempSync(join(tmpdir(), 'gophermart-rolling-'));
});

afterAll(async () => {
  await accrual.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

/** A process whose log is in the folder, by its name. */
const start = (name: string, settings: Record<string, string>, flags: readonly string[] = []) =>
  ServiceProcess.start({
    databaseUri: database.uri,
    accrualAddress: accrual.url,
    logFile: join(folder, name),
    settings,
    flags,
  });

/** Has customers buy by this address until `done` is through, and checks what became of it all. */
async function buyDuring(url: string, done: () => Promise<void>): Promise<void> {
  const buyers = await Promise.all(
    Array.from({ length: BUYERS }, () => Buyer.register(url, accrual)),
  );
  let isOver = false;
  const lives = buyers.map((buyer) => buyer.live(() => isOver));
  await done().finally(() => (isOver = true));
  await Promise.all(lives);
  await expectAllServed(buyers, database);
}

describe('a rolling restart of two replicas behind a load balancer', () => {
  /** Of the replicas, and of their logs. */
  const NAMES = ['one', 'two'];
  const replicas: ServiceProcess[] = [];
  let balancer: Balancer;

  beforeAll(async () => {
    for (const name of NAMES) replicas.push(await start(name, { STOP_DELAY_MS }));
    balancer = await Balancer.start(replicas.map(({ url }) => url));
  });

  afterAll(async () => {
    await balancer.stop();
    for (const replica of replicas) await replica.end('SIGKILL');
  });

  const haveTheirShare = (...asked: readonly ServiceProcess[]): Promise<unknown> =>
    Promise.all(asked.map(({ url }) => balancer.untilAnswered(url, SHARE)));

  it('fails no request and does none twice, and the books agree', async () => {
    await buyDuring(balancer.url, async () => {
      for (const replica of replicas) {
        await haveTheirShare(...replicas);
        await expect(replica.end('SIGTERM')).resolves.toBe(0);
        await haveTheirShare(...replicas.filter((other) => other !== replica));
        await replica.start();
        await haveTheirShare(replica);
      }
    });
    for (const name of NAMES)
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('could not be served');
  }, 600_000);
});

describe('a rolling restart of two processes of billing under a portal', () => {
  /** Linux has all of 127.0.0.0/8; macOS wants `ifconfig lo0 alias 127.0.0.2`. */
  const HOSTS = ['127.0.0.1', '127.0.0.2'];
  const NAME = 'billing.test';
  /** Has a process find both under one name. */
  const TWO_ADDRESSES = `
    import { promises } from 'node:dns';
    const { lookup } = promises;
    const addresses = ${JSON.stringify(HOSTS.map((address) => ({ address, family: 4 })))};
    promises.lookup = (name, options) =>
      name === '${NAME}' ? Promise.resolve(addresses) : lookup(name, options);`;
  /** A portal's load balancer may ask at any time, so it is asked almost without a rest. */
  const PROBE_MS = 10;
  /**
   * A busy machine may keep billing from answering within a second, now and then. Asked of one
   * process alone, while it is about to stop, half of the probes fail: dozens.
   */
  const MAY_FAIL = 3;

  const billing: ServiceProcess[] = [];
  let portal: ServiceProcess | undefined;

  beforeAll(async () => {
    const port = await freePort();
    const rpc = { RPC_SECRET, RPC_INSECURE: 'true' };
    for (const host of HOSTS) {
      const RPC_ADDRESS = `${host}:${port}`;
      const ROLES = 'billing,accrual';
      billing.push(await start(host, { ...rpc, ROLES, RPC_ADDRESS, STOP_DELAY_MS }));
    }
    const BILLING_ADDRESS = `${NAME}:${port}`;
    portal = await start('portal', { ...rpc, ROLES: 'portal', BILLING_ADDRESS }, [
      `--import=data:text/javascript,${encodeURIComponent(TWO_ADDRESSES)}`,
    ]);
  });

  afterAll(async () => {
    for (const each of [portal, ...billing]) await each?.end('SIGKILL');
  });

  /** Resolves when `isOver`, with what the portal's readiness said that was not 200. */
  async function notReady(url: string, isOver: () => boolean): Promise<string[]> {
    const found: string[] = [];
    while (!isOver()) {
      const reply = await fetch(`${url}/health/ready`);
      const text = await reply.text();
      if (!reply.ok) found.push(text);
      await pause(PROBE_MS);
    }
    return found;
  }

  /** Whether the portal has sent it uploads since its start. */
  const hasItsShare = async ({ url }: ServiceProcess): Promise<boolean> =>
    /^commit_batch_size_count\{commands="uploads"\} [1-9]/m.test(
      await (await fetch(`${url}/metrics`)).text(),
    );

  it('fails no request and does none twice, and the portal stays ready', async () => {
    const url = portal?.url ?? '';
    let isOver = false;
    const probing = notReady(url, () => isOver);
    await buyDuring(url, async () => {
      for (const each of billing) {
        await eventually('it has its share', () => hasItsShare(each));
        await expect(each.end('SIGTERM')).resolves.toBe(0);
        await each.start();
        await eventually('it has its share again', () => hasItsShare(each));
      }
    }).finally(() => (isOver = true));
    expect((await probing).length).toBeLessThanOrEqual(MAY_FAIL);
    expect(readFileSync(join(folder, 'portal'), 'utf8')).not.toContain('could not be served');
  }, 600_000);
});
