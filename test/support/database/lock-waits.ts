import type { TestDatabase } from './test-database.js';

/**
 * How many sessions of this database wait for a lock. Not by pg_stat_activity: a transaction sees
 * that as it was at its first look.
 */
export async function lockWaits(database: TestDatabase): Promise<number> {
  const waiting = await database.query(`
    SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND pid IN (
      SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))`);
  return waiting.length;
}
