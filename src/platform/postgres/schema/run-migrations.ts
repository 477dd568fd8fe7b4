import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, MigrationExecutor, type MigrationInterface, type QueryRunner } from 'typeorm';
import { ProgressReport } from '../../../kernel/application/progress-report.js';
import { dataSourceOptions, MIGRATING, type Schema, TRANSACTION_SETTINGS } from '../connect.js';
import { isRepeatable } from '../failures.js';
import { makeIndex } from './make-index.js';

/** How long after a failure a migration is tried again that met a service at work, in ms. */
const BUSY_MS = 500;

interface MigratedRows {
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/**
 * A migration of many rows: its steps come before `up`, each in a transaction of its own. So a
 * start that is stopped loses one step, and nobody meets a long transaction.
 */
interface GradualMigration extends MigrationInterface {
  /** @returns how far it is, or true where that was quick; undefined: nothing is left. */
  step?(runner: QueryRunner): Promise<MigratedRows | true | undefined>;
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
    connectionTimeoutMillis: MIGRATING.connectMs,
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
      const step = (): ReturnType<Required<GradualMigration>['step']> =>
        inTransaction(runner, stopping, async () => gradual?.step?.(runner));
      const progress = new ProgressReport('rows');
      for (let rows = await step(); rows !== undefined; rows = await step()) {
        const line = rows === true ? undefined : progress.line(rows.done, rows.total);
        if (rows !== true && line !== undefined) log(`${rows.what}: ${line}`);
        stopping.throwIfAborted();
      }
      for (const [name, on] of gradual?.indexes ?? []) {
        stopping.throwIfAborted();
        await makeIndex(runner, { schema: schema.name, name, on }, uri, log);
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
 * Who waits for a table has everybody else wait behind it. So a migration that does not get its
 * locks within 3 s lets the service go on, and tries again; as it does after a deadlock.
 */
async function inTransaction<T>(
  runner: QueryRunner,
  stopping: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  for (const deadline = performance.now() + MIGRATING.waitMs; ;) {
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
