import { setTimeout as sleep } from 'node:timers/promises';
import { clusterPassword, embeddedUri } from './cluster.js';
import {
  clusterFolder,
  type DataArea,
  EmbeddedPostgresFailed,
  findDataArea,
  pgdata,
} from './data-area.js';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.js';
import { findPostmaster, type RunningPostmaster } from './postmaster-pid.js';

/** A server that is just starting or stopping gets so long, in milliseconds. */
const SETTLED_WITHIN_MS = 10_000;
const POLL_MS = 50;

/**
 * The embedded PostgreSQL for a command beside the service: the one that runs on the data folder,
 * or else one that is started for the command. Only the latter is stopped by `stop`, and only to
 * start it the service's lock is taken.
 *
 * @returns undefined when no service was ever started on the folder; none is made.
 * @throws EmbeddedPostgresFailed
 */
export async function visitEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres | undefined> {
  const area = findDataArea(options.folder);
  if (!area) return undefined;
  return (await running(area)) ?? (await start(area, options));
}

async function running({ folder, account }: DataArea): Promise<EmbeddedPostgres | undefined> {
  const cluster = clusterFolder(folder);
  const server = await settled(() => findPostmaster(pgdata(cluster), account.uid));
  if (!server) return undefined;
  return {
    uri: embeddedUri(clusterPassword(cluster), server.port),
    folder,
    stop: () => Promise.resolve(),
  };
}

async function settled(
  look: () => ReturnType<typeof findPostmaster>,
): Promise<RunningPostmaster | undefined> {
  for (const deadline = performance.now() + SETTLED_WITHIN_MS; ;) {
    const server = look();
    if (!server || 'stalePid' in server) return undefined;
    if (server.status === 'ready' || performance.now() > deadline) return server;
    await sleep(POLL_MS);
  }
}

async function start(area: DataArea, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await startEmbeddedPostgres({ ...options, folder: area.folder });
  } catch (error) {
    // A service that was started at the same moment holds the lock, and has its server up by now.
    const server = error instanceof EmbeddedPostgresFailed ? await running(area) : undefined;
    if (!server) throw error;
    return server;
  }
}
