import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reconcile } from '../../support/database/reconciliation.js';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually, processed, ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { by, type Call, get, read, upload, withdraw } from '../../support/http/client.js';
import { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';
import { ServiceProcess } from '../../support/processes/service-process.js';
import { Balancer } from './balancer.js';

/** Much longer than the balancer takes to notice, also where other programs keep the cores busy. */
const STOP_DELAY_MS = '2000';

/** So many answers of a replica show that it has its share of the load. */
const SHARE = 20;

const POINTS = 10;

/** Of the replicas, and of their logs. */
const NAMES = ['one', 'two'];

/** A customer whose program sends each request once, one after another on one connection. */
class Buyer {
  readonly #connection = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly uploaded: string[] = [];
  readonly paid: string[] = [];
  readonly failures: string[] = [];

  private constructor(private readonly customer: Customer) {}

  static async register(url: string, accrual: ScriptedAccrual): Promise<Buyer> {
    const customer = await Customer.register(url);
    const buyer = new Buyer(customer);
    buyer.uploaded.push(await customer.earn('1000000', accrual));
    return buyer;
  }

  async live(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const [order, purchase] = [freshNumber(), freshNumber()];
      await this.#send(upload(order), 202);
      this.uploaded.push(order);
      await this.#send(withdraw(purchase, '1'), 200);
      this.paid.push(purchase);
      await this.#send(read('balance'), 200);
      await this.#send(get('orders?limit=10'), 200);
    }
    this.#connection.destroy();
  }

  async #send(call: Call, expected: number): Promise<void> {
    const { line, ...request } = by(this.customer.authorization.replace('Bearer ', ''), call);
    const options = { ...request, agent: this.#connection };
    const [status, text] = await send(this.customer.url, line, options).then(
      (reply) => [reply.status, reply.text],
      (error: unknown) => [0, String(error)],
    );
    if (status !== expected) this.failures.push(`${line}: ${status} ${text}`);
  }

  /** What the service shows, beside what must be there when each request was carried out once. */
  async shown(): Promise<{ readonly found: object; readonly due: object }> {
    const [orders, withdrawals] = [await this.customer.orders(), await this.customer.withdrawals()];
    const found = {
      orders: orders.map(({ number, status }) => [number, status]).sort(),
      paid: withdrawals.map(({ order }) => order).sort(),
      balance: await this.customer.balance(),
    };
    const { length: withdrawn } = this.paid;
    const current = 1_000_000 + POINTS * (this.uploaded.length - 1) - withdrawn;
    const due = {
      orders: this.uploaded.map((number) => [number, 'PROCESSED']).sort(),
      paid: this.paid.toSorted(),
      balance: { current, withdrawn },
    };
    return { found, due };
  }
}

describe('a rolling restart of two replicas behind a load balancer', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  let balancer: Balancer;
  const replicas: ServiceProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-rolling-'));

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
    accrual.fallback = ({ url = '' }, response) => {
      const { status, body } = processed(url.replace('/api/orders/', ''), POINTS);
      response.writeHead(status).end(body);
    };
    for (const name of NAMES)
      replicas.push(
        await ServiceProcess.start({
          databaseUri: database.uri,
          accrualAddress: accrual.url,
          logFile: join(folder, name),
          settings: { STOP_DELAY_MS },
        }),
      );
    balancer = await Balancer.start(replicas.map(({ url }) => url));
  });

  afterAll(async () => {
    await balancer.stop();
    for (const replica of replicas) await replica.end('SIGKILL');
    await accrual.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const haveTheirShare = (...asked: readonly ServiceProcess[]): Promise<unknown> =>
    Promise.all(asked.map(({ url }) => balancer.untilAnswered(url, SHARE)));

  it('fails no request and does none twice, and the books agree', async () => {
    const buyers = await Promise.all(
      Array.from({ length: 4 }, () => Buyer.register(balancer.url, accrual)),
    );
    let isOver = false;
    const lives = buyers.map((buyer) => buyer.live(() => isOver));
    for (const replica of replicas) {
      await haveTheirShare(...replicas);
      await expect(replica.end('SIGTERM')).resolves.toBe(0);
      await haveTheirShare(...replicas.filter((other) => other !== replica));
      await replica.start();
      await haveTheirShare(replica);
    }
    isOver = true;
    await Promise.all(lives);
    expect(buyers.flatMap(({ failures }) => failures)).toEqual([]);
    for (const name of NAMES)
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain('could not be served');

    await eventually('every order is settled', async () => {
      return (await database.query('SELECT FROM gophermart.queue')).length === 0;
    });
    for (const buyer of buyers) {
      const { found, due } = await buyer.shown();
      expect(found).toEqual(due);
    }
    await expect(reconcile(database.uri)).resolves.toMatchObject({ exitCode: 0, differences: [] });
  }, 600_000);
});
