import { setTimeout as pause } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { ProgressReport } from '../../../kernel/application/progress-report.js';
import { connect } from '../connect.js';

/** How often PostgreSQL is asked how far an index is, in milliseconds. */
const ASK_EVERY_MS = 1_000;

export interface IndexToMake {
  readonly schema: string;
  readonly name: string;
  /** Table and columns. */
  readonly on: string;
}

/**
 * No transaction can make an index while others write. One that was stopped has left an index
 * behind that is not valid. It waits for transactions that are older, so none may wait for us.
 */
export async function makeIndex(
  runner: QueryRunner,
  { schema, name, on }: IndexToMake,
  uri: string,
  log: (line: string) => void,
): Promise<void> {
  const qualified = `${schema}.${name}`;
  const [found] = (await runner.query(
    `SELECT indisvalid AS "isValid" FROM pg_index WHERE indexrelid = to_regclass('${qualified}')`,
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
  if (found) await runner.query(`DROP INDEX CONCURRENTLY ${qualified}`);
  const over = new AbortController();
  const told = tellProgress(uri, name, `${schema}.${on.split(' ', 1)[0]}`, log, over.signal);
  try {
    await runner.query(`CREATE INDEX CONCURRENTLY ${name} ON ${schema}.${on}`);
  } finally {
    over.abort();
    await told;
  }
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

/** What PostgreSQL is at, and how much of that it has done: what is counted depends on it. */
interface Phase {
  readonly phase: string;
  readonly done: string;
  readonly total: string;
  readonly unit: string;
}

const PHASE = `
  SELECT phase, done, total, unit
  FROM pg_stat_progress_create_index CROSS JOIN LATERAL (VALUES
    (1, 'blocks', blocks_done, blocks_total),
    (2, 'rows', tuples_done, tuples_total),
    (3, 'transactions', lockers_done, lockers_total)
  ) AS counted (turn, unit, done, total)
  WHERE relid = $1::regclass AND datname = current_database() AND total > 0
  ORDER BY turn LIMIT 1`;

/** Logs now and then how far the index is, until `over`. Never rejects: nothing depends on it. */
async function tellProgress(
  uri: string,
  name: string,
  table: string,
  log: (line: string) => void,
  over: AbortSignal,
): Promise<void> {
  try {
    await pause(ASK_EVERY_MS, undefined, { signal: over });
    const session = await connect(uri, { query_timeout: ASK_EVERY_MS });
    session.on('error', () => undefined);
    try {
      let [before, progress] = ['', new ProgressReport('')];
      while (!over.aborted) {
        const [now] = (await session.query<Phase>(PHASE, [table])).rows;
        if (now) {
          if (now.phase !== before) progress = new ProgressReport(now.unit, Number(now.done));
          before = now.phase;
          const line = progress.line(Number(now.done), Number(now.total));
          if (line !== undefined) log(`index ${name}: ${now.phase}: ${line}`);
        }
        await pause(ASK_EVERY_MS, undefined, { signal: over });
      }
    } finally {
      await session.end();
    }
  } catch {
    // It is over, or cannot be asked.
  }
}
