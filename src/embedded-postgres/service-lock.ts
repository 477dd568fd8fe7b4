import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresFailed } from './data-area.js';

/** A predecessor that is just closing its database gets so long before its successor is refused. */
const PATIENCE_MS = 2_000;

/** Linux takes 107 bytes in a socket's address, macOS 103. */
const LONGEST_ADDRESS = 100;

/** Gives the folder back to others. */
export type Release = () => Promise<void>;

/**
 * Takes a folder for this process alone. A second service on one data folder would not corrupt it,
 * but the first one's stop would take the second one's database away.
 *
 * Each contender lays a claim, a Unix socket that it listens on, and then looks for others' claims:
 * of two, at least one sees the other and steps back for a random while. The kernel closes the
 * socket of a process that is gone, `kill -9` included, so a claim that refuses connections is
 * dead; no process number is compared, so a reused one does not matter. Names are never used twice,
 * so a dead claim can be removed at any time. (A lock file that is replaced when stale has no safe
 * moment to be replaced: two starters may both find it stale, and the second removes the first
 * one's new lock.)
 *
 * @throws EmbeddedPostgresFailed when another process keeps the folder.
 */
export async function acquireServiceLock(
  folder: string,
  patienceMs = PATIENCE_MS,
): Promise<Release> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const claim = await layClaim(folder);
    const rival = await findRival(folder, claim.name);
    if (rival === undefined) return () => withdraw(folder, claim);
    await withdraw(folder, claim);
    if (Date.now() > deadline) {
      const id = rival.split('-')[0] ?? '';
      throw new EmbeddedPostgresFailed(
        `another service, process ${id}, is running on the data folder ${dirname(folder)}; stop it, or set DATABASE_URI`,
      );
    }
    await sleep(randomInt(20, 120));
  }
}

interface Claim {
  readonly name: string;
  readonly server: Server;
}

/**
 * Listens first and shows the claim afterwards: a socket refuses connections between its bind and
 * its listen, as a dead one does.
 */
async function layClaim(folder: string): Promise<Claim> {
  const id = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const server = createServer((connection) => connection.destroy());
  await atShortPath(folder, (path) => {
    return new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // Anyone may knock: else root's dead claim would look alive to the ordinary user who comes
      // after.
      server.listen(
        { path: join(path, `${id}.new`), readableAll: true, writableAll: true },
        resolve,
      );
    });
  });
  server.unref();
  renameSync(join(folder, `${id}.new`), join(folder, `${id}.claim`));
  return { name: `${id}.claim`, server };
}

function withdraw(folder: string, { name, server }: Claim): Promise<void> {
  rmSync(join(folder, name), { force: true });
  return new Promise((resolve) => server.close(() => resolve()));
}

async function findRival(folder: string, own: string): Promise<string | undefined> {
  for (const name of readdirSync(folder)) {
    if (name === own || !name.endsWith('.claim')) continue;
    if (await atShortPath(folder, (path) => isAlive(join(path, name)))) return name;
    rmSync(join(folder, name), { force: true });
  }
  return undefined;
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}

/** Deep folders do not fit a socket's address; a symbolic link to them does. */
async function atShortPath<T>(folder: string, use: (path: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(folder) + 30 <= LONGEST_ADDRESS) return use(folder);
  const temporary = mkdtempSync(join(tmpdir(), 'gm-'));
  try {
    const link = join(temporary, 'd');
    symlinkSync(folder, link);
    return await use(link);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
