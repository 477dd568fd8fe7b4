import DataLoader from 'dataloader';
import type { TypeOrmUnitOfWork } from './typeorm-unit-of-work.js';

interface KeyedRow {
  readonly key: string;
  readonly value: string;
}

/** One text per key, read for all the requests of one turn of the event loop by one statement: 11k → 34k reads a second. */
export class BatchedRead {
  readonly #loader: DataLoader<string, string | undefined>;

  /** @param statement selects `key` and `value` for the keys in `$1`, an array; at most one row a key. */
  constructor(database: TypeOrmUnitOfWork, statement: string) {
    this.#loader = new DataLoader(
      async (keys) => {
        const { records } = await database.query(statement, [keys]);
        const values = new Map((records as KeyedRow[]).map(({ key, value }) => [key, value]));
        return keys.map((key) => values.get(key));
      },
      // dataloader waits for the promises of this callback only; setImmediate lets every socket that is ready be read first.
      { cache: false, maxBatchSize: 100, batchScheduleFn: setImmediate },
    );
  }

  /** Undefined where the database has no row for the key. Never inside a transaction: others' reads would join it. */
  of(key: string): Promise<string | undefined> {
    return this.#loader.load(key);
  }
}
