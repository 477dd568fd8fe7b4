import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readOrCreateSecretFile } from '../platform/secret-file.js';
import {
  clusterFolder,
  clusterPasswordFile,
  type DataArea,
  EmbeddedPostgresFailed,
  pgdata,
} from './data-area.js';
import type { ServerBinaries } from './server-binaries.js';
import { SERVER_ENVIRONMENT } from './server-account.js';

const DATABASE_USER = 'gophermart';

const run = promisify(execFile);

/**
 * Makes the cluster on the first start. Call it under the service's lock only.
 *
 * @param durable is false in tests, which need not wait for the disk.
 * @returns its folder.
 */
export async function ensureCluster(
  area: DataArea,
  binaries: ServerBinaries,
  durable: boolean,
  stopping?: AbortSignal,
): Promise<string> {
  const cluster = clusterFolder(area.folder);
  if (existsSync(cluster)) return cluster;
  refuseAfterHalfARestore(area.folder);
  removeUnfinished(area.folder);
  // A start that is killed half way through initdb must not leave what looks like a cluster.
  const unfinished = unfinishedCluster(area.folder);
  await create(unfinished, area, binaries, durable, stopping);
  renameSync(unfinished, cluster);
  if (durable) synchronize(area.folder);
  return cluster;
}

/** Where a cluster is made, before it is renamed into place. */
export function unfinishedCluster(area: string): string {
  return `${clusterFolder(area)}.new-${randomBytes(4).toString('hex')}`;
}

/** What a process has left that was killed meanwhile. */
export function removeUnfinished(area: string): void {
  for (const leftOver of readdirSync(area).filter((each) => each.startsWith('cluster.new-')))
    rmSync(join(area, leftOver), { recursive: true, force: true });
}

const REPLACED = 'cluster.before-restore-';

/** Where a cluster is kept that a backup replaces. */
export function replacedCluster(cluster: string, now: Date): string {
  return join(dirname(cluster), REPLACED + now.toISOString().replace(/[:.]/g, '-'));
}

/** An empty database in the place of one that was being replaced would look like a loss of all. */
function refuseAfterHalfARestore(folder: string): void {
  const replaced = readdirSync(folder).find((each) => each.startsWith(REPLACED));
  if (replaced !== undefined)
    throw new EmbeddedPostgresFailed(
      `a restore was interrupted: do it again, or rename ${join(folder, replaced)} to ` +
        `${clusterFolder(folder)}, which takes it back`,
    );
}

export function clusterPassword(cluster: string): string {
  return readOrCreateSecretFile(clusterPasswordFile(cluster)).toString('hex');
}

export function embeddedUri(password: string, port: number): string {
  // sslmode is named because a PGSSLMODE of the user's own would reach the client otherwise.
  return `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
}

async function create(
  folder: string,
  { account }: DataArea,
  { initdb }: ServerBinaries,
  durable: boolean,
  signal?: AbortSignal,
): Promise<void> {
  mkdirSync(pgdata(folder), { recursive: true });
  // The server's account may pass through to pgdata, which is its own, and see nothing else.
  chmodSync(folder, 0o711);
  const passwordFile = join(folder, 'password-for-initdb');
  writeFileSync(passwordFile, `${clusterPassword(folder)}\n`, { mode: 0o600 });
  for (const each of [pgdata(folder), passwordFile]) chownSync(each, account.uid, account.gid);
  const args = [
    `--pgdata=${pgdata(folder)}`,
    `--username=${DATABASE_USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
  await runInitdb(initdb, args, { ...account.spawn, cwd: folder, env: SERVER_ENVIRONMENT, signal });
  rmSync(passwordFile);
}

async function runInitdb(initdb: string, args: string[], options: object): Promise<void> {
  try {
    await run(initdb, args, options);
  } catch (error) {
    if (!messageOf(error).includes('could not look up effective user ID'))
      throw initdbFailed(error);
    // initdb wants the name of its user, and a container's arbitrary uid has no line in
    // /etc/passwd. In a user namespace of its own the process is called nobody. Its files belong to
    // the real uid all the same.
    try {
      await run('unshare', ['--user', '--map-user=65534', '--', initdb, ...args], options);
    } catch (second) {
      throw initdbFailed(error, second);
    }
  }
}

function initdbFailed(error: unknown, workaround?: unknown): EmbeddedPostgresFailed {
  const also =
    workaround === undefined ? '' : `\n(and by way of a user namespace: ${messageOf(workaround)})`;
  return new EmbeddedPostgresFailed(
    `initdb failed: ${messageOf(error)}${also}\nset DATABASE_URI to use a PostgreSQL of your own`,
    {
      cause: error,
    },
  );
}

function messageOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return stderr?.trim() || message;
}

export function synchronize(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
