import { UserMissing } from '../../../kernel/domain/domain-error.js';
import type { PgUnitOfWork } from '../pg-unit-of-work.js';

/** The most users, or questions of users, in one statement. */
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
  readonly keys: Set<string>;
  readonly rows: Promise<ReadonlyMap<string, Row>>;
  readonly send: () => void;
}

/**
 * One row for a user, by id or login, or for a question of a user, read for many requests by one
 * statement (ADR 0010). No request waits on purpose, and no row is remembered.
 */
export class BatchedRead<Row extends object> {
  #open: Batch<Row> | undefined;
  #sent = 0;

  /**
   * @param statement selects the `key`, such as the user's id, and the rest of the row, for the
   * keys in `$1`, an array; at most one row for each.
   * @param enough keys to send the statement before the turn is over: the more a row costs the
   * database, the fewer.
   * @param parametersOf makes other parameters of the keys: a key may be a question of a user.
   */
  constructor(
    private readonly database: PgUnitOfWork,
    private readonly statement: string,
    private readonly enough = ENOUGH_USERS,
    private readonly parametersOf = (keys: readonly string[]): readonly unknown[] => [keys],
  ) {}

  /** @throws UserMissing where the database has no row for the key; DatabaseUnavailable. */
  async get(key: string): Promise<Row> {
    const row = await this.find(key);
    if (!row) throw new UserMissing();
    return row;
  }

  /** @throws DatabaseUnavailable */
  async find(key: string): Promise<Row | undefined> {
    return (await this.#batchWith(key).rows).get(key);
  }

  #batchWith(key: string): Batch<Row> {
    const batch = (this.#open ??= this.#newBatch());
    batch.keys.add(key);
    const { size } = batch.keys;
    if (size === MAX_USERS || (size >= this.enough && this.#sent < BUSY)) this.#send(batch);
    return batch;
  }

  #newBatch(): Batch<Row> {
    const keys = new Set<string>();
    let send = (): void => undefined;
    const sent = new Promise<void>((resolve) => (send = resolve));
    const batch: Batch<Row> = { keys, rows: sent.then(() => this.#read([...keys])), send };
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

  async #read(keys: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    try {
      const { rows } = await this.database.query<Row & { key: string }>(
        this.statement,
        this.parametersOf(keys),
      );
      return new Map(rows.map((row) => [row.key, row]));
    } finally {
      this.#sent--;
    }
  }
}

/** Of keys that are a user's id, a space and something of that user: keys, ids, and the rest. */
export function userAndRest(keys: readonly string[]): readonly unknown[] {
  const parts = keys.map((key) => key.split(' '));
  return [keys, parts.map(([user]) => user), parts.map(([, rest]) => rest)];
}

/**
 * The rows of one statement for all who ask while it is on its way, such as the gauges of one
 * scrape. None with the database away: the other metrics must be there all the same.
 */
export function sharedRows<Row extends object>(
  database: PgUnitOfWork,
  statement: string,
): () => Promise<readonly Row[]> {
  let reading: Promise<readonly Row[]> | undefined;
  const read = async (): Promise<readonly Row[]> => {
    try {
      return (await database.query<Row>(statement)).rows;
    } catch {
      return [];
    } finally {
      reading = undefined;
    }
  };
  return () => (reading ??= read());
}
