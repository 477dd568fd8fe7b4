import { setTimeout as pause } from 'node:timers/promises';
import type { Replica } from '../../test/torture/support/replica.js';
import { enqueue } from '../books/fill.js';
import { Histogram } from '../measure/histogram.js';
import { roundOf, withCpu } from '../measure/round.js';
import type { Stage } from '../stage/stage.js';
import { type Contender, partiesOf } from './contenders.js';

/** A round's backlog, for each of its seconds: more than any worker has been seen to take. */
const BACKLOG_PER_SECOND = 15_000;

/** A tick until the worker looks, and some time to get going. */
const RUN_UP_MS = 500;
const POLL_MS = 100;
const DRAINED_WITHIN_MS = 300_000;

/** Lets the workers at a backlog and counts what they credit, by the times in the ledger. */
export class Crediting {
  #batches = 0;

  constructor(
    private readonly stage: Stage,
    private readonly database: string,
    private readonly users: number,
  ) {}

  /** As an operator does, by `npm run queue -- pause`. */
  async hold(): Promise<void> {
    await this.#query('UPDATE gophermart.accrual_gate SET held_since = clock_timestamp()');
    const deadline = Date.now() + DRAINED_WITHIN_MS;
    while (await this.#isAny(`WHERE status = 'PROCESSING'`)) {
      if (Date.now() > deadline)
        throw new Error('the workers do not finish what they have in hand');
      await pause(POLL_MS);
    }
  }

  async release(): Promise<void> {
    await this.#query('UPDATE gophermart.accrual_gate SET held_since = NULL');
  }

  /** The workers must be held, and are again afterwards. */
  contender(services: readonly Replica[]): Contender {
    const { stage } = this;
    return async (seconds) => {
      await this.#topUp(BACKLOG_PER_SECOND * (seconds + 1));
      await this.release();
      await pause(RUN_UP_MS, undefined, { signal: stage.stopping });
      const from = Date.now();
      const { cpu } = await withCpu(partiesOf(stage, services), () =>
        pause(seconds * 1_000, undefined, { signal: stage.stopping }),
      );
      const to = Date.now();
      await this.hold();
      if (!(await this.#isAny('')))
        stage.report('the workers ran out of orders, so they may be faster than the figure');
      const requests = await this.credited(from, to);
      return roundOf(
        {
          requests,
          seconds: (to - from) / 1_000,
          latencies: new Histogram(),
          generatorSeconds: 0,
          failures: {},
        },
        cpu,
      );
    };
  }

  /** Credits between two times of `Date.now()`. */
  async credited(from: number, to: number): Promise<number> {
    const [row] = await this.#query<{ credits: string }>(
      `SELECT count(*) AS credits FROM gophermart.ledger_entries
       WHERE kind = 'ACCRUAL' AND at >= to_timestamp($1::double precision / 1000) AND at < to_timestamp($2::double precision / 1000)`,
      [from, to],
    );
    return Number(row?.credits);
  }

  /** Lets the workers finish. @throws Error when they do not. */
  async drain(): Promise<void> {
    await this.release();
    for (const deadline = Date.now() + DRAINED_WITHIN_MS; await this.#isAny('');) {
      this.stage.say('waiting for the queue to be empty');
      if (Date.now() > deadline) throw new Error('the queue does not get empty');
      await pause(POLL_MS);
    }
  }

  async #topUp(depth: number): Promise<void> {
    const [row] = await this.#query<{ tasks: string }>(
      'SELECT count(*) AS tasks FROM gophermart.queue',
    );
    const missing = depth - Number(row?.tasks);
    if (missing <= 0) return;
    await this.stage.database.session(this.database, (query) =>
      enqueue(query, this.users, missing, ++this.#batches),
    );
  }

  async #isAny(where: string): Promise<boolean> {
    const [row] = await this.#query<{ any: boolean }>(
      `SELECT EXISTS (SELECT FROM gophermart.queue ${where}) AS any`,
    );
    return row?.any === true;
  }

  #query<Row>(text: string, parameters?: unknown[]): Promise<Row[]> {
    return this.stage.database.query<Row>(this.database, text, parameters);
  }
}
