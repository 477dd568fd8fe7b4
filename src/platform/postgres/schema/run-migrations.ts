import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, MigrationExecutor, type MigrationInterface, type QueryRunner } from 'typeorm';
import { dataSourceOptions, type Schema, TRANSACTION_SETTINGS } from '../connect.js';
import { isRepeatable } from '../failures.js';

/** How long a replica waits for another one's migrations, or for its own locks, in milliseconds. */
export const WAIT_MS = 300_000;

/** How long a migration waits for a connection, in milliseconds. */
export const CONNECT_MS = 10_000;

/** How long after a failure a migration is tried again that met a service at work, in ms. */
const BUSY_MS = 500;

/**
 * A migration of many rows: its steps come before `up`, each in a transaction of its own. So a
 * start that is stopped loses one step, and nobody meets a long transaction.
 */
interface GradualMigration extends MigrationInterface {
  /** @returns what is done so far, for the log, or nothing to log; undefined: nothing is left. */
  step?(runner: QueryRunner): Promise<string | undefined>;
  /** Made between the steps and `up`, while others write: [name, table and columns]. */
  readonly indexes?: readonly (readonly [name: string, on: string])[];
}

/** Runs those that have not run yet; resolves with their names. The caller holds the lock. */
export async function runMigrations(
  uri: string,
  schema: Schema,
  stopping: AbortSignal,
  log: (line: string) => void,
): Promise<string[]> {
  const options = dataSourceOptions(uri, 1, schema);
  const extra = {
    ...(options.extra as object),
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: 0,
  };
  const dataSource = new DataSource({ ...options, extra });
  await dataSource.initialize();
  const runner = dataSource.createQueryRunner();
  try {
    // IF NOT EXISTS asks for the right to make a schema even where there is one.
    const [found] = (await runner.query(
      `SELECT to_regnamespace('${schema.name}') IS NULL AS "isMissing"`,
    )) as { isMissing: boolean }[];
    if (found?.isMissing) await runner.query(`CREATE SCHEMA ${schema.name}`);
    const executor = new MigrationExecutor(dataSource, runner);
    const pending = await executor.getPendingMigrations();
    for (const migration of pending) {
      stopping.throwIfAborted();
      const gradual: GradualMigration | undefined = migration.instance;
      const step = (): Promise<string | undefined> =>
        inTransaction(runner, stopping, async () => gradual?.step?.(runner));
      for (let done = await step(); done !== undefined; done = await step()) {
        if (done !== '') log(done);
        stopping.throwIfAborted();
      }
      for (const [name, on] of gradual?.indexes ?? []) {
        stopping.throwIfAborted();
        await makeIndex(runner, `${schema.name}.${name}`, `${name} ON ${schema.name}.${on}`);
      }
      await inTransaction(runner, stopping, () => executor.executeMigration(migration));
    }
    return pending.map(({ name }) => name);
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

/**
 * No transaction can make an index while others write. One that was stopped has left an index
 * behind that is not valid. It waits for transactions that are older, so none may wait for us.
 */
async function makeIndex(runner: QueryRunner, name: string, index: string): Promise<void> {
  const [found] = (await runner.query(
    `SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass('${name}')`,
  )) as { isValid: boolean }[];
  if (found?.isValid) return;
  const timeouts = await timeoutsOf(runner);
  if (timeouts.length > 0 && (await isBehindPooler(runner)))
    throw new Error(
      `an index must be made, and ${timeouts.join(' and ')} of this role or database would cut ` +
        'it off: behind a pooler nothing can be done about that, so run npm run migrate with a ' +
        'DATABASE_URI that leads to PostgreSQL itself',
    );
  for (const timeout of timeouts) await runner.query(`SET ${timeout} = 0`);
  if (found) await runner.query(`DROP INDEX CONCURRENTLY ${name}`);
  await runner.query(`CREATE INDEX CONCURRENTLY ${index}`);
  for (const timeout of timeouts) await runner.query(`RESET ${timeout}`);
}

/** Those that are set. */
async function timeoutsOf(runner: QueryRunner): Promise<string[]> {
  const found = (await runner.query(`
    SELECT name FROM pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout') AND setting <> '0'
    ORDER BY name`)) as { readonly name: string }[];
  return found.map(({ name }) => name);
}

/**
 * A pooler may give each statement another session, so what is set for one would stay with others.
 * The process that it names at the start is none of PostgreSQL's.
 */
async function isBehindPooler(runner: QueryRunner): Promise<boolean> {
  const { processID } = (await runner.connect()) as { readonly processID: number };
  const [found] = (await runner.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[];
  return found?.pid !== processID;
}

/**
 * Who waits for a table has everybody else wait behind it. So a migration that does not get its
 * locks within 3 s lets the service go on, and tries again; as it does after a deadlock.
 */
async function inTransaction<T>(
  runner: QueryRunner,
  stopping: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (const deadline = performance.now() + WAIT_MS; ;) {
    // In one message: a database's own time-outs may be shorter than a round trip.
    await runner.query(`
      BEGIN ISOLATION LEVEL READ COMMITTED;
      ${TRANSACTION_SETTINGS};
      SET LOCAL lock_timeout = '3s';
      SET LOCAL statement_timeout = 0;
      SET LOCAL idle_in_transaction_session_timeout = 0`);
    try {
      const done = await work();
      await runner.query('COMMIT');
      return done;
    } catch (error) {
      await runner.query('ROLLBACK').catch(() => undefined);
      const isBusy =
        isRepeatable(error) || (error as { code?: string }).code === LOCK_NOT_AVAILABLE;
      if (!isBusy || performance.now() >= deadline) throw error;
      await pause(BUSY_MS, undefined, { signal: stopping });
    }
  }
}

/** SQLSTATE: a lock time-out. */
const LOCK_NOT_AVAILABLE = '55P03';
