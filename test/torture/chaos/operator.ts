import { setTimeout as pause } from 'node:timers/promises';
import type { Findings } from './findings.js';
import type { Stage } from './stage.js';

/** How often parked tasks are put back, in milliseconds. */
const ROUND_MS = 1_000;

/** What `npm run queue -- retry --all` does, without a process for each round. */
const PUT_BACK = `
  UPDATE gophermart.queue SET status = 'PENDING', tries = 0, reason = NULL, next_attempt_at = now(), status_changed_at = now()
  WHERE status = 'FAILED' RETURNING order_id`;

/** Sessions of the service that have a transaction open. */
const OPEN_TRANSACTIONS = `
  SELECT count(*)::integer AS found FROM pg_stat_activity WHERE application_name = 'gophermart' AND state <> 'idle'`;

/**
 * For so long it must be quiet, in milliseconds: a replica that was paused carries out what waited
 * in its sockets first.
 */
const QUIET_FOR_MS = 1_000;

/** Puts parked tasks back all the time, and tells when there is nothing left to do. */
export class Operator {
  readonly #rounds = setInterval(() => void this.#putBack(), ROUND_MS);

  constructor(
    private readonly stage: Stage,
    private readonly findings: Findings,
  ) {}

  stop(): void {
    clearInterval(this.#rounds);
  }

  /** Waits until the queue is empty, no transaction is open, and it stays like that. */
  async untilQuiet(withinMs: number, stopping: AbortSignal): Promise<void> {
    const deadline = Date.now() + withinMs;
    let quietSince = Date.now();
    while (Date.now() - quietSince < QUIET_FOR_MS && !stopping.aborted) {
      const left = await this.#count('SELECT count(*)::integer AS found FROM gophermart.queue');
      if (left > 0 || (await this.#count(OPEN_TRANSACTIONS)) > 0) quietSince = Date.now();
      if (Date.now() > deadline) {
        this.findings.violation(
          `${left} tasks were still in the queue ${withinMs} ms after the last answer to a customer`,
        );
        break;
      }
      await pause(100);
    }
  }

  async #putBack(): Promise<void> {
    try {
      this.findings.count('orders parked and put back', (await this.stage.query(PUT_BACK)).length);
    } catch {
      // The database is away: the next round will find them.
    }
  }

  async #count(statement: string): Promise<number> {
    return (await this.stage.query<{ found: number }>(statement))[0]?.found ?? 0;
  }
}
