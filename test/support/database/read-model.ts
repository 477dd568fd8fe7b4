import { migrate } from '../../../src/platform/postgres/schema/migrate.js';
import { READ_MODEL } from '../../../src/query/index.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** A database of a read model that has had no event yet. */
export async function createReadModelDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase('template1');
  await migrate(database.uri, { schema: READ_MODEL });
  return database;
}
