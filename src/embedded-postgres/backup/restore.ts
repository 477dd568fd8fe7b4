import {
  chmodSync,
  chownSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  clusterPassword,
  embeddedUri,
  removeUnfinished,
  replacedCluster,
  synchronize,
  unfinishedCluster,
} from '../cluster.js';
import {
  clusterFolder,
  clusterPasswordFile,
  type DataArea,
  EmbeddedPostgresFailed,
  openDataArea,
  pgdata,
} from '../data-area.js';
import { SETTINGS, takeForThisService } from '../embedded-postgres.js';
import { shutDown, type ServerPlan } from '../postmaster.js';
import { findPostmaster, isServer } from '../postmaster-pid.js';
import { provideBinaries, type ServerBinaries } from '../server-binaries.js';
import { provideServer } from '../server-provision.js';
import { type ArchiveEntry, type Manifest, readArchive, tellCopied } from './archive.js';
import { DATA, PASSWORD } from './back-up.js';

export interface RestoreOptions {
  /** Where the database will keep its data. */
  readonly folder: string;
  /** The backup. */
  readonly file: string;
  /** Puts it in the place of a database that is there; that one is kept beside it. */
  readonly isReplacing: boolean;
  readonly log: (line: string) => void;
  readonly stopping: AbortSignal;
  /** Of the backup's database, as it runs for the first time, before a service can use it. */
  readonly prepare: (uri: string) => Promise<void>;
  /** Overrides of PostgreSQL's settings: a test turns `fsync` off. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What was restored. */
export interface RestoreReport {
  readonly folder: string;
  readonly manifest: Manifest;
  /** The folder of the database that was replaced. */
  readonly replaced: string | undefined;
}

/** PostgreSQL writes all that it has replayed when it stops. */
const STOP_WITHIN_MS = 120_000;

/**
 * Makes the database of a backup the one that services on this data folder use. Nothing is changed
 * before the backup has been unpacked, started, prepared and stopped again.
 *
 * @throws EmbeddedPostgresFailed when a service is running there, there is a database already, the
 * folder is another user's, or the backup is of no use here.
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { folder, isReplacing, log, stopping } = options;
  assertOwnFolder(folder);
  const area = openDataArea(folder, log);
  const cluster = clusterFolder(area.folder);
  const release = await takeForThisService(join(area.folder, 'locks'), () => undefined, stopping);
  const unfinished = unfinishedCluster(area.folder);
  try {
    const isThere = existsSync(cluster);
    if (isThere && !isReplacing)
      throw new EmbeddedPostgresFailed(
        `there is a database in ${area.folder} already; with --replace the backup takes its ` +
          'place, and it is kept beside it',
      );
    removeUnfinished(area.folder);
    const binaries = provideBinaries(area);
    const manifest = await unpack(unfinished, area, binaries, options);
    await startAndPrepare(unfinished, area, binaries, options);
    const replaced = isThere ? await moveAway(cluster, area) : undefined;
    // Tokens, and cursors of lists and streams, are of a time that the backup does not know.
    rmSync(join(area.folder, 'jwt-secret'), { force: true });
    synchronize(unfinished);
    renameSync(unfinished, cluster);
    synchronize(area.folder);
    return { folder: area.folder, manifest, replaced };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    await release();
  }
}

/** What root restores, the user who runs the service there could not read. */
function assertOwnFolder(folder: string): void {
  const us = process.getuid?.();
  const { uid = us } = statSync(folder, { throwIfNoEntry: false }) ?? {};
  if (uid !== us)
    throw new EmbeddedPostgresFailed(
      `${folder} belongs to the user with the uid ${uid}, who must restore it: sudo -u '#${uid}' …`,
    );
}

async function unpack(
  folder: string,
  area: DataArea,
  { version }: ServerBinaries,
  { file, log, stopping }: RestoreOptions,
): Promise<Manifest> {
  mkdirSync(pgdata(folder), { recursive: true });
  chmodSync(folder, 0o711);
  own(pgdata(folder), area, 0o700);
  let manifest: Manifest | undefined;
  let restored: ((bytes: number) => void) | undefined;
  await readArchive(
    file,
    stopping,
    (read) => {
      manifest = read;
      const major = Number(version.split('.')[0]);
      if (read.postgres !== major)
        throw new EmbeddedPostgresFailed(
          `the backup is of PostgreSQL ${read.postgres}, and this is ${major}: restore it with ` +
            'the version of Gophermart that has made it',
        );
      restored = tellCopied('restored', read.bytes, log);
    },
    async (entry) => {
      restored?.(await unpackEntry(folder, area, entry));
    },
  );
  if (!manifest) throw new Error('a backup has a manifest');
  return manifest;
}

/** @returns its bytes. */
async function unpackEntry(
  folder: string,
  area: DataArea,
  { name, isFolder, content }: ArchiveEntry,
): Promise<number> {
  const path = join(folder, name);
  if (name !== PASSWORD && !name.startsWith(`${DATA}/`))
    throw new EmbeddedPostgresFailed(`the backup holds what does not belong into one: ${name}`);
  if (isFolder) {
    content.resume();
    mkdirSync(path, { recursive: true });
    own(path, area, 0o700);
    return 0;
  }
  mkdirSync(dirname(path), { recursive: true });
  // PostgreSQL sees to its own files: a start after a crash writes them all to the disk.
  const output = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: name === PASSWORD });
  await pipeline(content, output);
  if (name !== PASSWORD) own(path, area, 0o600);
  return output.bytesWritten;
}

function own(path: string, { account: { uid, gid } }: DataArea, mode: number): void {
  chmodSync(path, mode);
  if (uid !== process.getuid?.()) chownSync(path, uid, gid);
}

/** PostgreSQL replays its log, checks what it finds, and writes everything when it stops. */
async function startAndPrepare(
  folder: string,
  area: DataArea,
  binaries: ServerBinaries,
  { log, stopping, prepare, settings }: RestoreOptions,
): Promise<void> {
  if (!existsSync(clusterPasswordFile(folder)) || !existsSync(join(pgdata(folder), 'PG_VERSION')))
    throw new EmbeddedPostgresFailed('the backup is not whole: it holds no database');
  const plan = planOf(folder, area, binaries.postgres, { ...SETTINGS, ...settings });
  const password = clusterPassword(folder);
  const uri = (port: number): string => embeddedUri(password, port);
  const server = await provideServer({
    plan,
    version: binaries.version,
    folder: area.folder,
    uri,
    log,
    waitFor: () => undefined,
    stopping,
  });
  try {
    await prepare(uri(server.port));
  } finally {
    await shutDown(plan, server.pid, STOP_WITHIN_MS);
  }
}

function planOf(
  cluster: string,
  { folder, account }: DataArea,
  program: string,
  settings: Readonly<Record<string, string>>,
): ServerPlan {
  return {
    program,
    pgdata: pgdata(cluster),
    logFile: join(folder, 'server.log'),
    account,
    settings,
    // The log of a backup is as long as what was written while it was made.
    readyWithinMs: Infinity,
  };
}

/** The server of a service that was killed may still be running on it. */
async function moveAway(cluster: string, area: DataArea): Promise<string> {
  const left = findPostmaster(pgdata(cluster), area.account.uid);
  if (left && 'pid' in left) {
    await shutDown(planOf(cluster, area, '', {}), left.pid, STOP_WITHIN_MS);
    if (isServer(left.pid, pgdata(cluster), area.account.uid))
      throw new EmbeddedPostgresFailed(`the PostgreSQL of ${cluster} does not stop`);
  }
  const replaced = replacedCluster(cluster, new Date());
  renameSync(cluster, replaced);
  return replaced;
}
