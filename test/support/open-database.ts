import { DataSource, type QueryResult } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { TypeOrmUnitOfWork } from '../../src/shared/infrastructure/typeorm-unit-of-work.js';
import { Books } from './books.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** The unit of work, counting the statements that pass through it. */
export class CountingUnitOfWork extends TypeOrmUnitOfWork {
  statements = 0;

  override query(text: string, parameters: unknown[]): Promise<QueryResult> {
    this.statements++;
    return super.query(text, parameters);
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
