import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readOrCreateSecretFile } from './secret-file.js';

/**
 * The key that signs tokens where JWT_SECRET is not set: 256 random bits, made once and kept in
 * `folder`/jwt-secret, so that tokens outlive a restart. Replicas that start at once on one folder
 * get the same key.
 *
 * @throws Error when the folder cannot be written, or the file does not hold a key.
 */
export function readOrCreateSecret(folder: string): Buffer {
  mkdirSync(folder, { recursive: true });
  return readOrCreateSecretFile(join(folder, 'jwt-secret'));
}
