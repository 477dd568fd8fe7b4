import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readOrCreateSecretFile } from './secret-file.js';

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
