import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { announceWait } from '../platform/observability/announce-wait.js';
import { claimFolder } from './claim.mjs';
import { clusterPassword, embeddedUri, ensureCluster } from './cluster.js';
import { EmbeddedPostgresFailed, openDataArea, pgdata } from './data-area.js';
import { shutDown } from './postmaster.js';
import { provideBinaries } from './server-binaries.js';
import { provideServer } from './server-provision.js';

/** A PostgreSQL of this service's own, on the loopback interface. */
export interface EmbeddedPostgres {
  readonly uri: string;
  /** Where it keeps everything; not the wanted folder where its account cannot reach that. */
  readonly folder: string;
  /** Ends its sessions, shuts it down within 7 s and lets others have the folder. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Where its data should be kept; made on the first start. */
  readonly folder: string;
  /** Gets sentences for the person who started the service. */
  readonly log: (line: string) => void;
  /** Gives up waiting. */
  readonly stopping?: AbortSignal | undefined;
  /** Overrides of {@link SETTINGS}: a test turns `fsync` off. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * An eighth of the machine's memory, at least PostgreSQL's default and at most a gigabyte. Pages
 * are taken as they are used.
 */
const SHARED_BUFFERS_MB = Math.round(Math.min(1_024, Math.max(128, totalmem() / 2 ** 20 / 8)));

export const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: `${SHARED_BUFFERS_MB}MB`,
  // Compiling a plan takes longer than any statement of ours runs.
  jit: 'off',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
};

/** Of the 10 s in which the service must stop, its own draining needs some. */
const STOP_WITHIN_MS = 5_000;

/** How long a predecessor may take to close its database before its successor is refused. */
const PREDECESSOR_WITHIN_MS = 2_000;

/**
 * Starts the PostgreSQL that comes with npm's packages, on the data of the last start, or takes
 * over the one that a killed service left running.
 *
 * @throws EmbeddedPostgresFailed when it cannot be started here, or another service is running on
 * the folder; AbortError when it is told to give up.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  let awaited = (): string => 'the embedded PostgreSQL';
  return announceWait(
    () => awaited(),
    options.log,
    () => start(options, (what) => (awaited = what)),
  );
}

/** @param waitFor is told what comes next, in case that it takes long. */
async function start(
  { folder: wanted, log, stopping, settings }: EmbeddedPostgresOptions,
  waitFor: (what: () => string) => void,
): Promise<EmbeddedPostgres> {
  const area = openDataArea(wanted, log);
  const release = await takeForThisService(join(area.folder, 'locks'), waitFor, stopping);
  try {
    const binaries = provideBinaries(area);
    const allSettings = { ...SETTINGS, ...settings };
    waitFor(() => 'initdb, which makes the embedded PostgreSQL’s files');
    const cluster = await ensureCluster(area, binaries, allSettings.fsync === 'on', stopping);
    const plan = {
      program: binaries.postgres,
      pgdata: pgdata(cluster),
      logFile: join(area.folder, 'server.log'),
      account: area.account,
      settings: allSettings,
    };
    const password = clusterPassword(cluster);
    const uri = (port: number) => embeddedUri(password, port);
    const server = await provideServer({
      plan,
      version: binaries.version,
      folder: area.folder,
      uri,
      log,
      waitFor,
      stopping,
    });
    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= shutDown(plan, server.pid, STOP_WITHIN_MS).finally(release));
    return { uri: uri(server.port), folder: area.folder, stop };
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Resolves with what gives the folder back. A second service on one data folder would not corrupt
 * it, but the first one's stop would take the second one's database away.
 *
 * @throws EmbeddedPostgresFailed when another process keeps the folder.
 */
export async function takeForThisService(
  folder: string,
  waitFor: (what: () => string) => void,
  stopping?: AbortSignal,
): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const deadline = performance.now() + PREDECESSOR_WITHIN_MS;
  for (;;) {
    const { claim, rival } = await claimFolder(folder);
    if (claim) return () => claim.withdraw();
    waitFor(() => `process ${rival} to leave the data folder ${dirname(folder)}`);
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresFailed(
        `another service, process ${rival}, is running on the data folder ${dirname(folder)}; ` +
          'stop it, or set DATABASE_URI',
      );
    }
    await sleep(randomInt(20, 120), undefined, { signal: stopping });
  }
}
