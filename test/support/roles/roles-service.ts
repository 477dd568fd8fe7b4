import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTINGS } from '../../../src/config/settings.js';
import type { Role } from '../../../src/config/roles.js';
import { Setting, type SettingTable } from '../../../src/platform/settings.js';
import { deleteQueryQueue } from '../broker/broker-server.js';
import { createReadModelDatabase } from '../database/read-model.js';
import { createTestDatabase, type TestDatabase } from '../database/test-database.js';
import { ScriptedAccrual } from '../fakes/scripted-accrual.js';
import { Customer } from '../http/customer.js';
import { RPC_SECRET } from '../http/rpc-client.js';
import type { TestService, TestServiceOptions } from '../http/test-service.js';
import { freePort, ServiceProcess } from '../processes/service-process.js';
import { ReadBarrier } from './read-barrier.js';

export { giveOrders } from '../http/test-service.js';

/** Nobody listens there: a portal needs neither the database nor the accrual system. */
const NOWHERE = {
  databaseUri: 'postgres://127.0.0.1:1/none',
  accrualAddress: 'http://127.0.0.1:1',
};

/** What the processes of one database share. */
interface Site {
  readonly reads: TestDatabase;
  readonly queryAddress: string;
}

const SITES = new Map<TestDatabase, Site>();

/**
 * Takes the place of `startTestService`: two portals, billing, accrual, relay and query as
 * processes of the build, on a broker that runs already (`TEST_BROKER_URI`). Another service on a
 * database that has these adds billing and portals to them.
 */
export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-roles-'));
  const database = options.database ?? (await createTestDatabase());
  const accrual = options.accrual ?? (await ScriptedAccrual.start());
  const own = environmentOf(options.settings ?? {});
  const books = { databaseUri: options.databaseUri ?? database.uri, accrualAddress: accrual.url };
  const amqp = vhostUri();
  const begin = (
    name: string,
    roles: readonly Role[],
    settings: Readonly<Record<string, string>>,
    places = books,
  ): Promise<ServiceProcess> =>
    ServiceProcess.start({
      ...places,
      logFile: join(folder, `${name}.log`),
      settings: { HASH_CONCURRENCY: '2', ...own, ROLES: roles.join(), RPC_SECRET, ...settings },
    });

  const billingAddress = `127.0.0.1:${await freePort()}`;
  const starting = [begin('billing', ['billing'], { RPC_ADDRESS: billingAddress })];
  const known = SITES.get(database);
  const site = known ?? {
    reads: await createReadModelDatabase(),
    queryAddress: `127.0.0.1:${await freePort()}`,
  };
  if (!known) {
    SITES.set(database, site);
    await deleteQueryQueue(amqp);
    const reading = { AMQP: amqp, QUERY_DATABASE_URI: site.reads.uri };
    starting.push(
      begin('relay', ['relay'], { AMQP: amqp }),
      begin('query', ['query'], { ...reading, RPC_ADDRESS: site.queryAddress }, NOWHERE),
    );
    if (own['CASHBACK_ENABLED'] !== 'false') starting.push(begin('accrual', ['accrual'], {}));
  }
  const portal = { BILLING_ADDRESS: billingAddress, QUERY_ADDRESS: site.queryAddress };
  const portals = [1, 2].map((n) => begin(`portal-${n}`, ['portal'], portal, NOWHERE));
  const processes = await allOrNone([...starting, ...portals]);
  const urls = (await Promise.all(portals)).map(({ url }) => url);
  const barrier = await ReadBarrier.start(urls, database, site.reads);
  const { url } = barrier;
  const inside = (): never => {
    throw new Error('these are other processes: nobody can look inside');
  };
  return {
    url,
    get app() {
      return inside();
    },
    get listeners() {
      return inside();
    },
    database,
    accrual,
    customer: () => Customer.register(url),
    customerWith: async (points) => {
      const rich = await Customer.register(url);
      await rich.earn(points, accrual);
      return rich;
    },
    stop: async () => {
      await barrier.stop();
      await Promise.all(processes.map((each) => each.end('SIGTERM')));
      if (!known) {
        SITES.delete(database);
        await site.reads.drop();
      }
      if (!options.accrual) await accrual.stop();
      if (!options.database) await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Where one does not start the others end: nobody else would stop them. */
async function allOrNone(
  starting: readonly Promise<ServiceProcess>[],
): Promise<readonly ServiceProcess[]> {
  try {
    return await Promise.all(starting);
  } catch (error) {
    for (const each of await Promise.allSettled(starting))
      if (each.status === 'fulfilled') await each.value.end('SIGKILL');
    throw error;
  }
}

/** Each Jest worker has a virtual host of its own: the queue of the read model has one name. */
function vhostUri(): string {
  return `${process.env['TEST_BROKER_URI']}/w${process.env['JEST_WORKER_ID'] ?? 1}`;
}

/** Settings as variables of a process. */
function environmentOf(settings: object, tables: object = TABLES): Record<string, string> {
  const found = Object.entries(settings).flatMap(([name, value]: [string, unknown]) => {
    const place: unknown = tables[name as never];
    if (place instanceof Setting) return [[place.variable, textOf(value)]];
    return Object.entries(environmentOf(value as object, place as object));
  });
  return Object.fromEntries(found) as Record<string, string>;
}

const TABLES: Readonly<Record<string, SettingTable>> = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { table }]) => [name, table]),
);

function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'host' in value && 'port' in value)
    return `${String(value.host)}:${String(value.port)}`;
  return String(value);
}
