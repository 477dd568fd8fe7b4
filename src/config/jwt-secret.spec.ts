import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readOrCreateSecret } from './jwt-secret.js';

describe(readOrCreateSecret.name, () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gophermart-secret-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes 256 bits that only the owner can read, and makes the folder for them', () => {
    const deep = join(folder, 'a', 'data');
    expect(readOrCreateSecret(deep)).toHaveLength(32);
    expect(statSync(join(deep, 'jwt-secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(deep)).toEqual(['jwt-secret']);
  });

  it('keeps them, and makes others elsewhere', () => {
    const secret = readOrCreateSecret(folder);
    expect(readOrCreateSecret(folder)).toEqual(secret);
    expect(readOrCreateSecret(join(folder, 'other'))).not.toEqual(secret);
  });

  it('refuses a damaged file rather than sign with what is left of it', () => {
    const file = join(folder, 'jwt-secret');
    for (const damaged of ['', 'abc', `${'z'.repeat(64)}\n`]) {
      writeFileSync(file, damaged);
      expect(() => readOrCreateSecret(folder)).toThrow('does not hold a secret any more');
      expect(readFileSync(file, 'utf8')).toBe(damaged);
    }
  });
});
