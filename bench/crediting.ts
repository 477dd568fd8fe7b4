import { setTimeout as pause } from 'node:timers/promises';
import { Histogram } from '../test/support/processes/histogram.js';
import type { ServiceProcess } from '../test/support/processes/service-process.js';
import type { Bench } from './bench.js';
import { enqueue } from './books/fill.js';
import { measured, type Measure } from './rounds.js';

/** A round's backlog, for each of its seconds: more than any worker has been seen to take. */
const BACKLOG_PER_SECOND = 10_000;
/** Between the start of a service and the first second that counts: code is compiled meanwhile. */
const WARM_UP_S = 2;

const POLL_MS = 100;
const DRAINED_WITHIN_MS = 300_000;

export interface Workers {
  readonly replicas?: number;
  /** Of another build. */
  readonly build?: string | undefined;
}

/** Orders that wait in a database, and how fast workers credit them. */
export class Backlog {
  #batches = 0;

  constructor(
    private readonly bench: Bench,
    private readonly database: string,
    /** Orders of the users from 1 to this one wait. */
    private readonly users: number,
  ) {}

  /**
   * Every round has services of its own, which find a backlog that does not run out. Credits are
   * counted by their times in the ledger.
   */
  credited({ replicas = 1, build }: Workers = {}): Measure {
    const { bench, database } = this;
    return async (seconds) => {
      await this.#topUp(BACKLOG_PER_SECOND * (seconds + WARM_UP_S + 1));
      const services: ServiceProcess[] = [];
      while (services.length < replicas)
        services.push(await bench.service(database, undefined, build));
      await pause(WARM_UP_S * 1_000, undefined, { signal: bench.stopping });
      const { round } = await measured(bench, services, 'crediting', async () => {
        const from = Date.now();
        await pause(seconds * 1_000, undefined, { signal: bench.stopping });
        return this.#result(from, Date.now());
      });
      if (await this.#isEmpty())
        bench.report('the workers ran out of orders, so they may be faster than the figure');
      await bench.stop(...services);
      return round;
    };
  }

  /** Credits between two times of `Date.now()`. */
  async creditsBetween(from: number, to: number): Promise<number> {
    const [row] = await this.#query<{ credits: string }>(
      `SELECT count(*) AS credits FROM gophermart.ledger_entries
       WHERE kind = 'ACCRUAL' AND at >= to_timestamp($1::double precision / 1000)
         AND at < to_timestamp($2::double precision / 1000)`,
      [from, to],
    );
    return Number(row?.credits);
  }

  /** Lets a worker finish, and sees that every order is settled then. @throws Error if late. */
  async drain(): Promise<void> {
    await this.bench.stop();
    await this.bench.service(this.database);
    for (const deadline = Date.now() + DRAINED_WITHIN_MS; !(await this.#isEmpty());) {
      this.bench.say('waiting for the queue to be empty');
      if (Date.now() > deadline) throw new Error('the queue does not get empty');
      await pause(POLL_MS);
    }
    const [unsettled] = await this.#query<{ orders: string }>(
      `SELECT count(*) AS orders FROM gophermart.orders WHERE status IN ('NEW', 'PROCESSING')`,
    );
    if (Number(unsettled?.orders) > 0)
      this.bench.report(`${unsettled?.orders} orders are not settled though the queue is empty`);
  }

  async #result(from: number, to: number) {
    const requests = await this.creditsBetween(from, to);
    const seconds = (to - from) / 1_000;
    return { requests, seconds, latencies: new Histogram(), generatorSeconds: 0, failures: {} };
  }

  async #topUp(depth: number): Promise<void> {
    const [row] = await this.#query<{ tasks: string }>(
      'SELECT count(*) AS tasks FROM gophermart.queue',
    );
    const count = depth - Number(row?.tasks);
    if (count <= 0) return;
    const { users } = this;
    await this.bench.server.session(this.database, (query) =>
      enqueue(query, { users, count, batch: ++this.#batches }),
    );
  }

  async #isEmpty(): Promise<boolean> {
    const [row] = await this.#query<{ any: boolean }>(
      'SELECT EXISTS (SELECT FROM gophermart.queue) AS any',
    );
    return row?.any !== true;
  }

  #query<Row>(text: string, parameters?: unknown[]): Promise<Row[]> {
    return this.bench.server.session(this.database, (query) => query<Row>(text, parameters));
  }
}
