import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { dataSourceOptions } from '../../../src/platform/postgres/connect.js';
import type { Deferred, Transaction } from '../../../src/kernel/application/unit-of-work.js';
import { pgOf } from '../../../src/platform/postgres/pg-transaction.js';
import { PgUnitOfWork } from '../../../src/platform/postgres/pg-unit-of-work.js';
import { Books } from './books.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** The unit of work, counting what passes through it. */
export class CountingUnitOfWork extends PgUnitOfWork {
  statements = 0;
  /** How often something was sent to the database. */
  roundTrips = 0;
  /** How often work ran: more often than it was handed in where it was repeated. */
  tries = 0;

  constructor(dataSource: DataSource) {
    super(dataSource);
    const counted = new WeakSet<PoolClient>();
    ((dataSource.driver as PostgresDriver).master as Pool).on('acquire', (client: PoolClient) => {
      if (counted.has(client)) return;
      counted.add(client);
      const query = client.query.bind(client) as (...sent: unknown[]) => unknown;
      Object.assign(client, {
        query: (...sent: unknown[]) => {
          this.roundTrips++;
          return query(...sent);
        },
      });
    });
  }

  override run<T>(work: (transaction: Transaction) => Promise<T | Deferred<T>>): Promise<T> {
    return super.run((transaction) => {
      this.tries++;
      const counted = pgOf(transaction);
      const query = counted.query.bind(counted);
      const sendWithNext = counted.sendWithNext.bind(counted);
      counted.query = (...statement) => {
        this.statements++;
        return query(...statement);
      };
      counted.sendWithNext = (text, parameters) => {
        this.statements++;
        return sendWithNext(text, parameters);
      };
      return work(transaction);
    });
  }
}

/** A database of the file's own and what repositories need to work with it. */
export interface OpenDatabase {
  readonly database: TestDatabase;
  readonly unitOfWork: CountingUnitOfWork;
  readonly books: Books;
  close(): Promise<void>;
}

/** @param uri leads to the database by another way, a proxy's. */
export async function openDatabase(database?: TestDatabase, uri?: string): Promise<OpenDatabase> {
  const own = database ?? (await createTestDatabase());
  const dataSource = new DataSource(dataSourceOptions(uri ?? own.uri, 10));
  await dataSource.initialize();
  return {
    database: own,
    unitOfWork: new CountingUnitOfWork(dataSource),
    books: new Books(own),
    close: async () => {
      await dataSource.destroy();
      if (!database) await own.drop();
    },
  };
}
