import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `action` in one process at a time; others wait, and are told so by `onWait`. A process that
 * is gone, by `kill -9` too, holds nothing, unless it has left a child behind that was given the
 * descriptor which `action` gets: an orphaned `npm ci` and a second one have been seen at work on
 * one node_modules. How it works, and why not by a lock file, is told in
 * src/embedded-postgres/service-lock.ts; that one cannot be used here, before the build.
 */
export async function exclusively(folder, interruption, action, onWait) {
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(tmpdir(), 'gm-'));
  // A socket's address takes about 100 bytes; a clone may lie deeper.
  const short = join(temporary, 'd');
  symlinkSync(folder, short);
  try {
    const claim = await take(short, interruption, onWait);
    try {
      return await action(claim.descriptor);
    } finally {
      claim.withdraw();
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function take(folder, interruption, onWait) {
  for (let told = false; ;) {
    const claim = await layClaim(folder);
    const rival = await findRival(folder, claim.name);
    if (!rival) return claim;
    claim.withdraw();
    if (!told) onWait(rival.split('-')[0]);
    told = true;
    await sleep(randomInt(50, 300), undefined, { signal: interruption });
  }
}

async function layClaim(folder) {
  const id = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const server = createServer((connection) => connection.destroy());
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      { path: join(folder, `${id}.new`), readableAll: true, writableAll: true },
      resolve,
    );
  });
  const name = `${id}.claim`;
  renameSync(join(folder, `${id}.new`), join(folder, name));
  return {
    name,
    // Not documented, but `spawn` takes no server, only a number.
    descriptor: server._handle.fd,
    withdraw() {
      rmSync(join(folder, name), { force: true });
      server.close();
    },
  };
}

async function findRival(folder, own) {
  for (const name of readdirSync(folder)) {
    if (name === own || !name.endsWith('.claim')) continue;
    if (await isAlive(join(folder, name))) return name;
    rmSync(join(folder, name), { force: true });
  }
  return undefined;
}

function isAlive(path) {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', ({ code }) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
