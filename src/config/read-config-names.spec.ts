import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { problemsOf, read, type Sources } from '../../test/support/fakes/configuration.js';
import { remarksOn } from './settings.js';

describe('a setting from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-config-'));
  const fileOf = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const key = 'a key that a file holds';

  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([key, `${key}\n`, `${key}\r\n`])(
    'is its content, without a newline at its end: %j',
    (text) => {
      const env = { JWT_SECRET_FILE: fileOf('key', text), JWT_SECRET: '' };
      expect(read({ env: { ...env, NODE_ENV: 'production' } }).auth.jwtSecret).toBe(key);
    },
  );

  it('loses one newline and nothing else', () => {
    const path = fileOf('spaces', ` ${key} \n\n`);
    expect(read({ env: { JWT_OLD_SECRET_FILE: path } }).auth.jwtOldSecret).toBe(` ${key} \n`);
  });

  it('may be named in .env, and stands where the variable would', () => {
    const path = fileOf('uri', 'postgres://file/db\n');
    const dotenv = `DATABASE_URI_FILE=${path}`;
    const uri = (sources: Sources): unknown => read({ dotenv, ...sources }).postgres.uri;
    expect(uri({})).toBe('postgres://file/db');
    expect(uri({ env: { DATABASE_URI: 'postgres://env/db' } })).toBe('postgres://env/db');
    expect(uri({ argv: ['-d', 'postgres://flag/db'] })).toBe('postgres://flag/db');
    const env = { DATABASE_URI: '', NODE_ENV: 'production', JWT_SECRET: key };
    expect(uri({ dotenv: '', env: { ...env, DATABASE_URI_FILE: path } })).toBe(
      'postgres://file/db',
    );
  });

  it('is refused by name, never with its content', () => {
    const env = {
      JWT_SECRET_FILE: fileOf('short', 'too short'),
      JWT_OLD_SECRET_FILE: join(folder, 'missing'),
      DATABASE_URI_FILE: fileOf('wrong', 'mysql://u:s3cret@h/db'),
      NODE_ENV: 'production',
    };
    const problems = problemsOf({ env });
    expect(problems).toEqual([
      expect.stringMatching(/^DATABASE_URI_FILE must be a PostgreSQL URI/),
      expect.stringMatching(/^JWT_SECRET_FILE must have at least 16 bytes/),
      `JWT_OLD_SECRET_FILE names a file that cannot be read: ${join(folder, 'missing')} (ENOENT)`,
    ]);
    expect(problems.join()).not.toMatch(/s3cret|too short/);
    const empty = fileOf('empty', ' \n');
    expect(problemsOf({ env: { DATABASE_URI_FILE: empty } })).toEqual([
      `DATABASE_URI_FILE names a file that is empty: ${empty}`,
    ]);
    expect(problemsOf({ env: { DATABASE_URI_FILE: folder } })).toEqual([
      expect.stringContaining('(EISDIR)'),
    ]);
  });

  it('must not be set beside the variable', () => {
    const env = { JWT_SECRET: key, JWT_SECRET_FILE: fileOf('key', key), NODE_ENV: 'production' };
    expect(problemsOf({ env })).toEqual([
      'JWT_SECRET_FILE and JWT_SECRET are both set: one of them must go',
    ]);
  });

  it('is not for settings that are no secrets', () => {
    const env = { RUN_ADDRESS_FILE: fileOf('address', ':1') };
    expect(read({ env }).process.runAddress.port).toBe(8080);
  });
});

describe('an older name', () => {
  const [older, newer] = ['the key of the older name', 'the key of the newer name'];

  it('counts where the newer one is not set', () => {
    const env = { JWT_KEY: older, NODE_ENV: 'production' };
    expect(read({ env }).auth.jwtSecret).toBe(older);
    expect(read({ env: { ...env, JWT_SECRET: '' } }).auth.jwtSecret).toBe(older);
    expect(read({ env: { ...env, JWT_SECRET: newer } }).auth.jwtSecret).toBe(newer);
    expect(read({ env, dotenv: `JWT_SECRET="${newer}"` }).auth.jwtSecret).toBe(newer);
  });

  it('is named when what it has is wrong', () => {
    expect(problemsOf({ env: { JWT_KEY: 'short', NODE_ENV: 'production' } })).toEqual([
      expect.stringMatching(/^JWT_KEY must have at least 16 bytes/),
    ]);
  });
});

describe(remarksOn, () => {
  const remarks = (env: Record<string, string>): string[] => remarksOn(read({ env }));

  it('says what a portal alone does not use', () => {
    const portal = {
      ROLES: 'portal',
      BILLING_ADDRESS: ':9090',
      RPC_SECRET: 'sixteen bytes or more',
    };
    expect(remarks(portal)).toEqual([]);
    expect(remarks({ ...portal, RPC_ADDRESS: ':9091', PASSWORD_MIN_LENGTH: '8' })).toEqual([
      expect.stringContaining('RPC_ADDRESS is not used'),
      expect.stringContaining('PASSWORD_MIN_LENGTH is not used here'),
    ]);
    expect(
      remarks({ QUERY_ADDRESS: ':1', BILLING_ADDRESS: ':2', RPC_SECRET: portal.RPC_SECRET }),
    ).toEqual([expect.stringContaining('BILLING_ADDRESS is not used')]);
  });

  it('says what true means for TRUST_PROXY, and nothing of what is clear', () => {
    expect(remarks({ TRUST_PROXY: 'true' })).toEqual([
      expect.stringMatching(/^TRUST_PROXY=true counts as 1/),
    ]);
    for (const clear of ['false', '1', '10.0.0.0/8'])
      expect(remarks({ TRUST_PROXY: clear })).toEqual([]);
  });

  it('warns of a key that is short in production', () => {
    const env = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(31) };
    expect(remarks(env)).toEqual([expect.stringMatching(/^JWT_SECRET has less than 32 bytes/)]);
    expect(remarks({ ...env, NODE_ENV: '' })).toEqual([]);
    expect(remarks({ ...env, JWT_SECRET: 'ж'.repeat(16) })).toEqual([]);
  });

  it('says once that SALT is not needed', () => {
    expect(remarks({ SALT: 'pepper' })).toEqual([expect.stringMatching(/^SALT is not needed/)]);
  });
});
