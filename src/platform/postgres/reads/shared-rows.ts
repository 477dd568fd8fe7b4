import type { PgUnitOfWork } from '../pg-unit-of-work.js';

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
