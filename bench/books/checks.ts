import type { DatabaseServer } from '../../test/support/processes/database-server.js';

/** Rows that rounds of writing leave. */
const COUNT = {
  orders: 'SELECT count(*) AS rows FROM gophermart.orders',
  withdrawals: `SELECT count(*) AS rows FROM gophermart.ledger_entries WHERE kind = 'WITHDRAWAL'`,
  credits: `SELECT count(*) AS rows FROM gophermart.ledger_entries WHERE kind = 'ACCRUAL'`,
};

export type Counted = keyof typeof COUNT;

/** The rows of a database when something begins, against those that are there in the end. */
export class RowCount {
  #answered = 0;
  #cutOff = 0;

  private constructor(
    private readonly server: DatabaseServer,
    private readonly database: string,
    private readonly what: Counted,
    private readonly before: number,
  ) {}

  static async of(server: DatabaseServer, database: string, what: Counted): Promise<RowCount> {
    return new RowCount(server, database, what, await rows(server, database, what));
  }

  /** @param connections how many requests may have been on their way when the round ended. */
  add(answered: number, connections: number): void {
    this.#answered += answered;
    this.#cutOff += connections;
  }

  /**
   * Every request names a number of its own, so each that was answered with success has made a row;
   * those that the end of a round cut off may have made one. @returns what is wrong.
   */
  async problems(): Promise<string[]> {
    const stored = (await rows(this.server, this.database, this.what)) - this.before;
    if (stored >= this.#answered && stored <= this.#answered + this.#cutOff) return [];
    return [
      `${this.#answered} ${this.what} were answered with success ` +
        `(${this.#cutOff} more may have been), but ${stored} are stored`,
    ];
  }
}

async function rows(server: DatabaseServer, database: string, what: Counted): Promise<number> {
  const [row] = await server.session(database, (query) => query<{ rows: string }>(COUNT[what]));
  return Number(row?.rows);
}
