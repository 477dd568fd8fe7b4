import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { clusterPassword } from '../cluster.js';
import { clusterFolder, EmbeddedPostgresFailed, findDataArea, pgdata } from '../data-area.js';
import { visitEmbeddedPostgres } from '../visit-embedded-postgres.js';
import { below, FORMAT, type Manifest, tellCopied, writeArchive } from './archive.js';

/** Where the parts of a cluster stand in a backup. */
export const DATA = 'pgdata';
export const PASSWORD = 'password';

/** Folders whose contents each start of PostgreSQL makes anew, and its log. */
const EMPTIED =
  /^pg_(wal|replslot|dynshmem|notify|serial|snapshots|stat_tmp|subtrans)\/|(^|\/)pgsql_tmp/;

/** Files that belong to the running server, or to another backup. */
const SKIPPED = /^(postmaster\.(pid|opts)|backup_label|tablespace_map)$|(^|\/)pg_internal\.init$/;

/**
 * What a copy of a running server's folder leaves out, as PostgreSQL's documentation says in
 * "Continuous Archiving", 25.3.7. The part of the log that is needed is added at the end.
 */
function isLeftOut(name: string): boolean {
  return EMPTIED.test(name) || SKIPPED.test(name);
}

export interface BackUpOptions {
  /** Where the database keeps its data. */
  readonly folder: string;
  /** Gets the backup; there must be none of that name. */
  readonly file: string;
  readonly log: (line: string) => void;
  readonly stopping: AbortSignal;
}

/**
 * Copies the whole database while it works, by PostgreSQL's functions for it. The backup holds what
 * was committed when it ended.
 *
 * @throws EmbeddedPostgresFailed when there is no database, or it cannot be copied.
 */
export async function backUp(options: BackUpOptions): Promise<Manifest> {
  const { folder, file, log, stopping } = options;
  const database = await visitEmbeddedPostgres({ folder, log });
  const area = findDataArea(folder);
  if (!database || !area)
    throw new EmbeddedPostgresFailed(
      `there is nothing to back up: no service was ever started on ${folder}`,
    );
  const cluster = clusterFolder(area.folder);
  const session = new Client({ connectionString: database.uri, query_timeout: 0 });
  session.on('error', () => undefined);
  try {
    await session.connect();
    const manifest = await plan(session, pgdata(cluster));
    const copied = tellCopied('copied', manifest.bytes, log);
    await writeArchive(file, manifest, stopping, async (archive) => {
      await archive.add(PASSWORD, `${clusterPassword(cluster)}\n`);
      const copy = async (name: string): Promise<void> => {
        stopping.throwIfAborted();
        await archive.addPath(`${DATA}/${name}`, `${pgdata(cluster)}/${name}`);
      };
      const first = await begin(session);
      for await (const { name, size } of below(pgdata(cluster), isLeftOut)) {
        await copy(name);
        copied(size);
      }
      const { last, label } = await end(session);
      // The log from the beginning of the copy to its end makes one moment of it.
      for (const name of await segments(session, first, last)) await copy(`pg_wal/${name}`);
      await archive.add(`${DATA}/backup_label`, label);
    });
    return manifest;
  } finally {
    await session.end().catch(() => undefined);
    await database.stop();
  }
}

async function plan(session: Client, data: string): Promise<Manifest> {
  const [row] = await ask<{ version: number; spaces: number }>(
    session,
    `SELECT current_setting('server_version_num')::int / 10000 AS version,
       (SELECT count(*)::int FROM pg_tablespace WHERE pg_tablespace_location(oid) <> '') AS spaces`,
  );
  if (!row) throw new Error('PostgreSQL does not say its version');
  if (row.spaces > 0)
    throw new EmbeddedPostgresFailed('tablespaces outside of the data folder cannot be backed up');
  let bytes = 0;
  for await (const { size } of below(data, isLeftOut)) bytes += size;
  return { format: FORMAT, postgres: row.version, madeAt: new Date().toISOString(), bytes };
}

/** @returns the first segment of the log that the backup needs; the session keeps it. */
async function begin(session: Client): Promise<string> {
  const name = `backup_${randomBytes(4).toString('hex')}`;
  // A slot has the server keep its log; a temporary one goes with the session.
  await session.query('SELECT pg_create_physical_replication_slot($1, true, true)', [name]);
  const [row] = await ask<{ segment: string }>(
    session,
    `SELECT pg_walfile_name(pg_backup_start('gophermart', fast => true)) AS segment`,
  );
  return row?.segment ?? '';
}

async function end(session: Client): Promise<{ last: string; label: string }> {
  const [row] = await ask<{ last: string; label: string }>(
    session,
    `SELECT pg_walfile_name(lsn) AS last, labelfile AS label
     FROM pg_backup_stop(wait_for_archive => false)`,
  );
  if (!row) throw new Error('PostgreSQL does not end the backup');
  return row;
}

/** Names of segments of one timeline are in order. */
async function segments(session: Client, first: string, last: string): Promise<string[]> {
  const rows = await ask<{ name: string }>(
    session,
    `SELECT name FROM pg_ls_waldir()
     WHERE name ~ '^[0-9A-F]{24}$' AND name COLLATE "C" BETWEEN $1 AND $2 OR name ~ '[.]history$'
     ORDER BY name COLLATE "C"`,
    [first, last],
  );
  return rows.map(({ name }) => name);
}

async function ask<Row extends object>(
  session: Client,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  return (await session.query<Row>(text, [...parameters])).rows;
}
