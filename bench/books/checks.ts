import { runProgram } from '../../test/torture/reconcile/program.js';
import type { BenchDatabase } from '../stage/database.js';

/** Rows that writing rounds leave. */
export type Counted = 'orders' | 'withdrawals' | 'credits';

const COUNT: Readonly<Record<Counted, string>> = {
  orders: 'SELECT count(*) AS rows FROM gophermart.orders',
  withdrawals: `SELECT count(*) AS rows FROM gophermart.ledger_entries WHERE kind = 'WITHDRAWAL'`,
  credits: `SELECT count(*) AS rows FROM gophermart.ledger_entries WHERE kind = 'ACCRUAL'`,
};

export async function countRows(
  database: BenchDatabase,
  name: string,
  what: Counted,
): Promise<number> {
  const [row] = await database.query<{ rows: string }>(name, COUNT[what]);
  return Number(row?.rows);
}

/**
 * What was promised against what is stored. Every request names a number of its own, so each that
 * was answered 200 or 202 has made a row; those that a round's end cut off may have made one, or
 * not.
 */
export class Promised {
  #answered = 0;
  #cutOff = 0;

  private constructor(
    private readonly database: BenchDatabase,
    private readonly name: string,
    private readonly what: Counted,
    private readonly before: number,
  ) {}

  static async since(database: BenchDatabase, name: string, what: Counted): Promise<Promised> {
    return new Promised(database, name, what, await countRows(database, name, what));
  }

  /** @param connections how many requests may have been on their way when the round ended. */
  add(answered: number, connections: number): void {
    this.#answered += answered;
    this.#cutOff += connections;
  }

  /** @returns what is wrong, if anything is. */
  async check(): Promise<string[]> {
    const stored = (await countRows(this.database, this.name, this.what)) - this.before;
    if (stored >= this.#answered && stored <= this.#answered + this.#cutOff) return [];
    return [
      `${this.#answered} ${this.what} were answered with success (${this.#cutOff} more may have been), but ${stored} are stored`,
    ];
  }
}

/** Re-adds all books by the built `npm run reconcile`. @returns what is wrong, if anything is. */
export async function reconcile(uri: string, stopping: AbortSignal): Promise<string[]> {
  const { exitCode, lines, errors } = await runProgram(uri, stopping);
  return exitCode === 0
    ? []
    : [`the books contradict themselves: ${[...lines.slice(0, 3), errors].join(' | ')}`];
}
