import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  CREATED_DATA,
  ENTRY_DATA,
  orderData,
  REGISTERED_DATA,
} from './1700000000023-CreateJournal.js';

/** Rows of one step: some seconds. */
const STEP = 50_000;

/**
 * [what, its next rows, their missing events with their turn among those of the row].
 *
 * `live` is what triggers have recorded since the journal began: whatever that is about needs no
 * event of ours, also where the version before has added it after we began.
 */
const SOURCES = [
  [
    'users',
    `SELECT id AS key, 0::bigint AS key_version, * FROM gophermart.users
     WHERE id > coalesce(after_id, '00000000-0000-0000-0000-000000000000') ORDER BY id`,
    `SELECT key, key_version, 1 AS turn, 'user_registered' AS type, id AS subject,
       NULL::bigint AS revision, registered_at AS at, ${REGISTERED_DATA} AS data
     FROM batch
     WHERE NOT EXISTS (
       SELECT FROM live WHERE live.type = 'user_registered' AND live.subject = batch.id
     )`,
  ],
  [
    'orders',
    `SELECT id AS key, 0::bigint AS key_version, *, (
       SELECT at FROM gophermart.ledger_entries e WHERE e.order_num = o.num AND kind = 'ACCRUAL'
     ) AS credited_at
     FROM gophermart.orders o
     WHERE id > coalesce(after_id, '00000000-0000-0000-0000-000000000000') ORDER BY id`,
    `SELECT key, key_version, e.*
     FROM batch LEFT JOIN (
       SELECT data::json ->> 'order' AS num, bool_or(type = 'order_created') AS is_created,
         min(revision) FILTER (WHERE type = 'order_updated') AS updated
       FROM live GROUP BY 1
     ) AS l USING (num)
     CROSS JOIN LATERAL (
       SELECT 1 AS turn, 'order_created' AS type, user_id AS subject, 1::bigint AS revision,
         uploaded_at AS at, ${CREATED_DATA} AS data WHERE is_created IS NOT TRUE
       UNION ALL SELECT 2, 'accrual_finished', user_id, 1, credited_at,
         ${orderData('status', 'accrual')}
         WHERE is_created IS NOT TRUE AND updated IS NULL AND status IN ('INVALID', 'PROCESSED')
       UNION ALL SELECT 3, 'order_updated', user_id, 2, credited_at,
         ${orderData('status', 'accrual')}
         WHERE is_created IS NOT TRUE AND updated IS NULL AND status <> 'NEW'
       UNION ALL SELECT 3, 'order_updated', user_id, 2, NULL,
         ${orderData(`'PROCESSING'`, 'NULL')}
         WHERE is_created IS NOT TRUE AND updated = 3
     ) AS e`,
  ],
  [
    'entries',
    `SELECT account_id AS key, version AS key_version, * FROM gophermart.ledger_entries
     WHERE (account_id, version)
       > (coalesce(after_id, '00000000-0000-0000-0000-000000000000'), after_version)
     ORDER BY account_id, version`,
    `SELECT key, key_version, 1 AS turn, 'transaction_processed' AS type, account_id AS subject,
       version AS revision, at, ${ENTRY_DATA} AS data
     FROM batch
     WHERE NOT EXISTS (
       SELECT FROM live WHERE live.type = 'transaction_processed'
         AND (live.data::json ->> 'transaction')::uuid = batch.id
     )`,
  ],
] as const;

/** Rows whose events may be missing. */
const LEFT = `
  SELECT count(*)::integer AS rows
  FROM gophermart.journal_fill CROSS JOIN LATERAL (
    SELECT 0 AS turn, id FROM gophermart.users
    UNION ALL SELECT 1, id FROM gophermart.orders
    UNION ALL SELECT 2, account_id FROM gophermart.ledger_entries
  ) AS each
  WHERE turn > source OR turn = source AND (after_id IS NULL OR id >= after_id)`;

interface Count {
  readonly rows: number;
}

interface Filling {
  readonly source: number;
  readonly reserved: string;
}

/** Of the rows that were left when this process began. */
interface Rows {
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Gives the journal an event for each change that was made before it: what is still known. Statuses
 * that an order once had are not. Those of users come first, then those of orders, then entries.
 *
 * The version before goes on working meanwhile. Each step is a transaction of its own, so that the
 * next start goes on where this one was stopped; nobody reads the journal before the last one.
 */
export class FillJournal1700000000024 implements MigrationInterface {
  #done = 0;
  #total: number | undefined;

  /** @returns undefined: nothing is left. */
  async step(runner: QueryRunner): Promise<Rows | undefined> {
    const before = await filling(runner);
    const source = before && nextSource(before);
    if (!source) return undefined;
    const [what, rows, events] = source;
    if (this.#total === undefined) {
      const [left] = (await runner.query(LEFT)) as Count[];
      this.#total = left?.rows ?? 0;
    }
    // The planner knows nothing yet of the events, and thinks them few.
    await runner.query('SET LOCAL enable_nestloop = off; SET LOCAL jit = off');
    const [[batch]] = (await runner.query(`
      WITH batch AS MATERIALIZED (
        SELECT rows.*
        FROM gophermart.journal_fill CROSS JOIN LATERAL (${rows} LIMIT ${STEP}) AS rows
      ),
      live AS MATERIALIZED (
        SELECT type, subject, revision, data FROM gophermart.events
        WHERE position > (SELECT reserved FROM gophermart.journal_fill)
      ),
      missing AS (${events}),
      added AS (
        INSERT INTO gophermart.events (position, type, subject, revision, at, data)
        OVERRIDING SYSTEM VALUE
        SELECT filled + row_number() OVER (ORDER BY key, key_version, turn), type, subject,
          revision, at, data
        FROM missing, gophermart.journal_fill
        ORDER BY key, key_version, turn
        RETURNING position
      ),
      last AS (SELECT key, key_version FROM batch ORDER BY key DESC, key_version DESC LIMIT 1)
      UPDATE gophermart.journal_fill
      SET filled = filled + (SELECT count(*) FROM added),
        source = source + (NOT EXISTS (SELECT FROM last))::integer,
        after_id = (SELECT key FROM last),
        after_version = coalesce((SELECT key_version FROM last), 0)
      RETURNING (SELECT count(*)::integer FROM batch) AS rows`)) as [[Count], number];
    // There were no more rows of this source.
    if (batch.rows === 0) return this.step(runner);
    this.#done += batch.rows;
    return { what: `events of ${what}`, done: this.#done, total: this.#total };
  }

  async up(runner: QueryRunner): Promise<void> {
    const left = await filling(runner);
    if (left && nextSource(left))
      throw new Error('the journal is not filled yet: use npm run migrate');
    await runner.query('DROP TABLE IF EXISTS gophermart.journal_fill');
  }

  /** The events go with the migration before. */
  down(): Promise<void> {
    return Promise.resolve();
  }
}

/** Locked, so that two who fill take turns. @returns undefined when the filling has ended. */
async function filling(runner: QueryRunner): Promise<Filling | undefined> {
  const [table] = (await runner.query(
    `SELECT to_regclass('gophermart.journal_fill') IS NOT NULL AS "isThere"`,
  )) as { readonly isThere: boolean }[];
  if (!table?.isThere) return undefined;
  const [row] = (await runner.query(
    'SELECT * FROM gophermart.journal_fill FOR UPDATE',
  )) as Filling[];
  return row;
}

function nextSource({ source, reserved }: Filling): (typeof SOURCES)[number] | undefined {
  return reserved === '0' ? undefined : SOURCES[source];
}
