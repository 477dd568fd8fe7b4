import { UserMissing } from '../../../kernel/domain/domain-error.js';
import type { PgUnitOfWork } from '../pg-unit-of-work.js';

/** The most users in one statement. */
const MAX_USERS = 100;

/**
 * With so many users a statement is sent before its turn is over: the database works while we parse
 * the requests behind them. With one statement a turn the database would idle while we parse, and
 * we would idle while it reads.
 *
 * A statement costs both sides as much as several balances. With half as many users two replicas
 * were a quarter slower.
 */
const ENOUGH_USERS = 32;

/**
 * With so many statements on their way the next one is sent at the end of the turn: with hundreds
 * of callers they should be few and large.
 */
const BUSY = 3;

interface Batch<Row> {
  readonly users: Set<string>;
  readonly rows: Promise<ReadonlyMap<string, Row>>;
  readonly send: () => void;
}

/**
 * One row for a user, read for many requests by one statement (ADR 0010). No request waits on
 * purpose, and no row is remembered.
 */
export class BatchedRead<Row extends object> {
  #open: Batch<Row> | undefined;
  #sent = 0;

  /**
   * @param statement selects the user's id as `key`, and the rest of the row, for the users whose
   * ids are in `$1`, an array; at most one row for each.
   * @param enough users to send the statement before the turn is over: the more a row costs the
   * database, the fewer.
   */
  constructor(
    private readonly database: PgUnitOfWork,
    private readonly statement: string,
    private readonly enough = ENOUGH_USERS,
  ) {}

  /** @throws UserMissing where the database has no row for the user; DatabaseUnavailable. */
  async get(userId: string): Promise<Row> {
    const row = (await this.#batchWith(userId).rows).get(userId);
    if (!row) throw new UserMissing();
    return row;
  }

  /** @throws DatabaseUnavailable */
  async has(userId: string): Promise<boolean> {
    return (await this.#batchWith(userId).rows).has(userId);
  }

  #batchWith(userId: string): Batch<Row> {
    const batch = (this.#open ??= this.#newBatch());
    batch.users.add(userId);
    const { size } = batch.users;
    if (size === MAX_USERS || (size >= this.enough && this.#sent < BUSY)) this.#send(batch);
    return batch;
  }

  #newBatch(): Batch<Row> {
    const users = new Set<string>();
    let send = (): void => undefined;
    const sent = new Promise<void>((resolve) => (send = resolve));
    const batch: Batch<Row> = { users, rows: sent.then(() => this.#read([...users])), send };
    // By then every socket has been read that was ready in this turn.
    setImmediate(() => this.#send(batch));
    return batch;
  }

  #send(batch: Batch<Row>): void {
    if (this.#open !== batch) return;
    this.#open = undefined;
    this.#sent++;
    batch.send();
  }

  async #read(users: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    try {
      const { rows } = await this.database.query<Row & { key: string }>(this.statement, [users]);
      return new Map(rows.map((row) => [row.key, row]));
    } finally {
      this.#sent--;
    }
  }
}
