import { Client } from 'pg';
import { MIGRATIONS } from '../../migrations/index.js';
import { SCHEMA } from './data-source-options.js';

/**
 * `behind`: migrations of this program have not run there. One that a newer program has migrated is
 * `current`: replicas of both run side by side.
 */
export type SchemaState = 'missing' | 'behind' | 'current';

/**
 * Looks, and changes nothing. @throws the driver's error when the database cannot be reached within
 * 5 s.
 */
export async function schemaState(uri: string): Promise<SchemaState> {
  const client = new Client({
    connectionString: uri,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  // A connection that breaks later shows as the failure of its query; without a listener it would
  // end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const found = await client.query<{ there: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS there',
      [`${SCHEMA}.migrations`],
    );
    if (!found.rows[0]?.there) return 'missing';
    const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${SCHEMA}.migrations`);
    const ran = new Set(rows.map(({ name }) => name));
    return MIGRATIONS.every(({ name }) => ran.has(name)) ? 'current' : 'behind';
  } finally {
    await client.end();
  }
}
