import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readOrCreateSecretFile } from '../platform/secret-file.js';
import { type ServerAccount, serverAccount } from './server-account.js';

/**
 * The embedded PostgreSQL cannot be started; the message says why, with the end of its log, and
 * what may be done about it.
 */
export class EmbeddedPostgresFailed extends Error {
  override readonly name = EmbeddedPostgresFailed.name;
}

/** The folder where everything of one embedded PostgreSQL is kept, and who its server runs as. */
export interface DataArea {
  readonly folder: string;
  readonly account: ServerAccount;
}

/**
 * The cluster (in PostgreSQL's sense) and its password: made together and renamed into place
 * together.
 */
export function clusterFolder(area: string): string {
  return join(area, 'cluster');
}

/** PostgreSQL's own data folder, PGDATA. */
export function pgdata(cluster: string): string {
  return join(cluster, 'pgdata');
}

export function clusterPasswordFile(cluster: string): string {
  return join(cluster, 'password');
}

/**
 * The wanted folder, or the first of the substitutes that the server's account can reach. Where a
 * parent is closed to it (a project in /root) it cannot even run initdb.
 *
 * @throws EmbeddedPostgresFailed when there is none, or one holds our database and cannot be used
 * now: the service must not begin with an empty one elsewhere.
 */
export function openDataArea(wanted: string, log: (line: string) => void): DataArea {
  const refusals: string[] = [];
  const first = attempt(resolve(wanted), { strict: false }, refusals);
  if (first) return first;
  for (const folder of substitutes(resolve(wanted), cloneId(resolve(wanted)))) {
    const area = attempt(folder, { strict: true }, refusals);
    if (!area) continue;
    log(`${refusals[0] ?? ''}; PostgreSQL keeps its data in ${area.folder} instead`);
    return area;
  }
  throw new EmbeddedPostgresFailed(
    `no folder for the data: ${refusals.join('; ')}; ` +
      'set DATABASE_URI to use a PostgreSQL of your own',
  );
}

/**
 * The folder that an earlier start has filled; makes nothing.
 *
 * @throws EmbeddedPostgresFailed when there is one that this process may not use.
 */
export function findDataArea(wanted: string): DataArea | undefined {
  const first = resolve(wanted);
  const refusals: string[] = [];
  const id = existsSync(idFile(first)) ? cloneId(first) : NO_ID;
  for (const folder of [first, ...substitutes(first, id)]) {
    if (!existsSync(clusterFolder(folder))) continue;
    const area = attempt(folder, { strict: folder !== first }, refusals);
    if (area) return area;
  }
  if (refusals.length > 0) throw new EmbeddedPostgresFailed(refusals.join('; '));
  return undefined;
}

function attempt(
  folder: string,
  options: { readonly strict: boolean },
  refusals: string[],
): DataArea | undefined {
  try {
    return open(folder, options);
  } catch (error) {
    const { message } = error as Error;
    if (holdsOurDatabase(folder))
      throw new EmbeddedPostgresFailed(`the database is in ${folder}, but: ${message}`);
    refusals.push(message);
    return undefined;
  }
}

/**
 * That of another user is none of ours, unless we are root, nor is one where we cannot even look.
 */
function holdsOurDatabase(folder: string): boolean {
  const data = pgdata(clusterFolder(folder));
  try {
    return statSync(data).uid === serverAccount(data).uid;
  } catch {
    return false;
  }
}

/**
 * @param strict The folder and its parent must be ours. In /tmp anybody may have made a folder of
 * that name before us.
 */
function open(folder: string, { strict }: { strict: boolean }): DataArea {
  const us = process.getuid?.();
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const each of strict ? [dirname(folder), folder] : [folder]) {
    const { uid } = lstatSync(each);
    if (uid !== us && (strict || us !== 0))
      throw new Error(`${each} belongs to another user (uid ${uid})`);
  }
  const real = realpathSync(folder);
  const account = serverAccount(pgdata(clusterFolder(real)));
  if (account.uid === us) {
    accessSync(real, constants.R_OK | constants.W_OK | constants.X_OK);
    assertOwnCluster(clusterFolder(real), account);
  } else {
    // The server only needs to pass through: what it owns lies further down. A umask of 077 would
    // forbid even that.
    if (strict) chmodSync(dirname(real), 0o711);
    chmodSync(real, 0o711);
    assertReachable(real, account);
  }
  return { folder: real, account };
}

/** Root may have run the service here first. */
function assertOwnCluster(cluster: string, { uid }: ServerAccount): void {
  const data = statSync(pgdata(cluster), { throwIfNoEntry: false });
  if (!data) return;
  if (data.uid !== uid)
    throw new Error(`${pgdata(cluster)} belongs to another user (uid ${data.uid})`);
  accessSync(clusterPasswordFile(cluster), constants.R_OK);
}

/** By trying, because permission bits do not say all (ACLs, NFS, mandatory access control). */
function assertReachable(folder: string, { uid, spawn }: ServerAccount): void {
  try {
    execFileSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...spawn, stdio: 'ignore' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM')
      throw new Error(`root may not become uid ${uid} here`, { cause: error });
    throw new Error(
      `${folder} cannot be reached by the unprivileged uid ${uid} that PostgreSQL must run under`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Always the same for one clone, so that its data is found again. Another clone that is later made
 * at the same path gets other folders.
 */
function substitutes(wanted: string, id: Buffer): string[] {
  const us = process.getuid?.() ?? 0;
  const name = createHash('sha256').update(wanted).update(id).digest('hex').slice(0, 12);
  const state =
    us === 0 ? '/var/lib' : (process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'));
  return [join(state, 'gophermart', name), join(tmpdir(), `gophermart-${us}`, name)];
}

/** A clone that cannot be written to is known by its path alone. */
const NO_ID = Buffer.alloc(0);

function idFile(wanted: string): string {
  return join(wanted, 'id');
}

function cloneId(wanted: string): Buffer {
  try {
    return readOrCreateSecretFile(idFile(wanted));
  } catch {
    return NO_ID;
  }
}
