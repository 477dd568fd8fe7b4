import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const BYTES = 32;

/**
 * 256 random bits that are made once, kept in a file (0600, hexadecimal) and the same for everyone
 * who asks.
 *
 * Several processes may ask first at once: each writes a file of its own, and the one whose link
 * comes first wins. A rename would let the last one win, after the first had already used its own.
 *
 * @throws Error when the file is there but does not hold a secret.
 */
export function readOrCreateSecretFile(file: string): Buffer {
  return read(file) ?? create(file);
}

function read(file: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const secret = Buffer.from(text.trim(), 'hex');
  if (secret.length !== BYTES)
    throw new Error(`${file} does not hold a secret any more; remove it, and a new one is made`);
  return secret;
}

function create(file: string): Buffer {
  mkdirSync(dirname(file), { recursive: true });
  const secret = randomBytes(BYTES);
  const own = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const descriptor = openSync(own, 'wx', 0o600);
  try {
    writeSync(descriptor, `${secret.toString('hex')}\n`);
    fsyncSync(descriptor);
    linkSync(own, file);
    return secret;
  } catch (error) {
    const winner = (error as NodeJS.ErrnoException).code === 'EEXIST' ? read(file) : undefined;
    if (!winner) throw error;
    return winner;
  } finally {
    closeSync(descriptor);
    rmSync(own, { force: true });
  }
}
