// @ts-check
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// JavaScript, because the scripts that build the service need it before there is a build.

/** Linux takes 107 bytes in a socket's address, macOS 103. */
const LONGEST_ADDRESS = 100;

/**
 * @typedef {object} Claim keeps all other processes from claiming the same folder.
 * @property {number} descriptor of a file. A child process that inherits it keeps the claim alive
 * for as long as it runs, also when this process is killed.
 * @property {() => Promise<void>} withdraw
 */

/**
 * Claims a folder for this process alone.
 *
 * A claim is a Unix socket in the folder that its process listens on. A process lays its claim
 * first and looks for others' claims afterwards: of two, at least one sees the other, withdraws and
 * tries again after a random while. The kernel closes the socket when the process ends, by
 * `kill -9` too, so a claim that refuses connections is dead. No process number is compared, so
 * it does not matter that numbers are used again. Names of claims are never used twice, so a dead
 * claim can be removed at any time. (A lock file that is replaced when it is stale has no safe
 * moment for that: two processes may both find it stale, and the second one removes the first one's
 * new lock.)
 *
 * @param {string} folder must exist.
 * @returns {Promise<{ claim: Claim, rival?: undefined } | { claim?: undefined, rival: number }>}
 * the claim, or the process that has one already.
 */
export async function claimFolder(folder) {
  const claim = await layClaim(folder);
  const rival = await findRival(folder, claim.name);
  if (rival === undefined) return { claim };
  await claim.withdraw();
  return { rival: Number(rival.split('-')[0]) };
}

/**
 * Listens first and shows the claim afterwards: between its bind and its listen a socket refuses
 * connections, as a dead one does.
 *
 * @param {string} folder
 */
async function layClaim(folder) {
  const id = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const name = `${id}.claim`;
  const server = createServer((connection) => connection.destroy());
  await atShortPath(
    folder,
    (path) =>
      /** @type {Promise<void>} */ (
        new Promise((resolve, reject) => {
          server.once('error', reject);
          // Everybody may connect, else root's dead claim looks alive to an ordinary user.
          const socket = { path: join(path, `${id}.new`), readableAll: true, writableAll: true };
          server.listen(socket, resolve);
        })
      ),
  );
  server.unref();
  renameSync(join(folder, `${id}.new`), join(folder, name));
  return {
    name,
    get descriptor() {
      // Not documented, but `spawn` takes no server, only a number.
      const { _handle } = /** @type {{ _handle: { fd: number } }} */ (
        /** @type {unknown} */ (server)
      );
      return _handle.fd;
    },
    /** @returns {Promise<void>} */
    withdraw() {
      rmSync(join(folder, name), { force: true });
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * @param {string} folder
 * @param {string} own
 * @returns {Promise<string | undefined>} the name of another's live claim. Dead ones are removed.
 */
async function findRival(folder, own) {
  for (const name of readdirSync(folder)) {
    if (name === own || !name.endsWith('.claim')) continue;
    if (await atShortPath(folder, (path) => isAlive(join(path, name)))) return name;
    rmSync(join(folder, name), { force: true });
  }
  return undefined;
}

/**
 * @param {string} path
 * @returns {Promise<boolean>}
 */
function isAlive(path) {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}

/**
 * A deep folder does not fit a socket's address; a symbolic link to it does.
 *
 * @template T
 * @param {string} folder
 * @param {(path: string) => Promise<T>} use
 */
async function atShortPath(folder, use) {
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
