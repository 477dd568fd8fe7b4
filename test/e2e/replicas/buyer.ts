import { Agent } from 'node:http';
import { expect } from '@jest/globals';
import { reconcile } from '../../support/database/reconciliation.js';
import type { TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { processed, ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { by, type Call, get, read, upload, withdraw } from '../../support/http/client.js';
import { Customer } from '../../support/http/customer.js';
import { freshNumber } from '../../support/http/order-numbers.js';
import { send } from '../../support/http/raw-http.js';

/** For each order. */
const POINTS = 10;

/** An accrual system that gives every order the same points. */
export async function startGenerousAccrual(): Promise<ScriptedAccrual> {
  const accrual = await ScriptedAccrual.start();
  accrual.fallback = ({ url = '' }, response) => {
    const { status, body } = processed(url.replace('/api/orders/', ''), POINTS);
    response.writeHead(status).end(body);
  };
  return accrual;
}

/** A customer whose program sends each request once, one after another on one connection. */
export class Buyer {
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

/**
 * Checks that each request of these buyers succeeded and was carried out once, and that the books
 * agree.
 */
export async function expectAllServed(
  buyers: readonly Buyer[],
  database: TestDatabase,
): Promise<void> {
  expect(buyers.flatMap(({ failures }) => failures)).toEqual([]);
  await eventually('every order is settled', async () => {
    return (await database.query('SELECT FROM gophermart.queue')).length === 0;
  });
  for (const buyer of buyers) {
    const { found, due } = await buyer.shown();
    expect(found).toEqual(due);
  }
  await expect(reconcile(database.uri)).resolves.toMatchObject({ exitCode: 0, differences: [] });
}
