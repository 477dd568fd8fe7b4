import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readOrCreateSecretFile } from '../../../src/platform/secret-file.js';

const MODULE = pathToFileURL(
  join(import.meta.dirname, '..', '..', '..', 'dist/src/platform/secret-file.js'),
).href;

/** They all import first and then ask in the same millisecond. */
const REPLICA = `
  import { readOrCreateSecretFile } from '${MODULE}';
  const [file, start] = process.argv.slice(1);
  while (Date.now() < Number(start));
  console.log(readOrCreateSecretFile(file).toString('hex'));
`;

it('gives replicas that start at once the same key', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-secret-'));
  const start = String(Date.now() + 1_000);
  const replicas = Array.from({ length: 6 }, () =>
    promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      REPLICA,
      join(folder, 'secret'),
      start,
    ]),
  );
  const keys = (await Promise.all(replicas)).map(({ stdout }) => stdout.trim());
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(readdirSync(folder)).toEqual(['secret']);
  rmSync(folder, { recursive: true });
});

describe(readOrCreateSecretFile.name, () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gophermart-secret-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes 256 bits that only the owner can read, and makes the folder for them', () => {
    const deep = join(folder, 'a', 'data');
    expect(readOrCreateSecretFile(join(deep, 'secret'))).toHaveLength(32);
    expect(statSync(join(deep, 'secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(deep)).toEqual(['secret']);
  });

  it('keeps them, and makes others elsewhere', () => {
    const secret = readOrCreateSecretFile(join(folder, 'secret'));
    expect(readOrCreateSecretFile(join(folder, 'secret'))).toEqual(secret);
    expect(readOrCreateSecretFile(join(folder, 'other'))).not.toEqual(secret);
  });

  it('refuses a damaged file rather than sign with what is left of it', () => {
    const file = join(folder, 'secret');
    for (const damaged of ['', 'abc', `${'z'.repeat(64)}\n`]) {
      writeFileSync(file, damaged);
      expect(() => readOrCreateSecretFile(file)).toThrow('does not hold a secret any more');
      expect(readFileSync(file, 'utf8')).toBe(damaged);
    }
  });
});
