import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database/test-database.js';
import { eventually } from '../../support/eventually.js';
import { ScriptedAccrual } from '../../support/fakes/scripted-accrual.js';
import { ServiceProcess } from '../../support/processes/service-process.js';

describe('a start that has to wait', () => {
  let database: TestDatabase;
  let accrual: ScriptedAccrual;
  const folder = mkdtempSync(join(tmpdir(), 'gophermart-starting-'));

  beforeAll(async () => {
    database = await createTestDatabase();
    accrual = await ScriptedAccrual.start();
  });

  afterAll(async () => {
    await accrual.stop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const log = (name: string): string => readFileSync(join(folder, name), 'utf8');

  function start(name: string, databaseUri: string): Promise<ServiceProcess> {
    const logFile = join(folder, name);
    writeFileSync(logFile, '');
    return ServiceProcess.start({ databaseUri, accrualAddress: accrual.url, logFile });
  }

  it('for its database says where that is, and why, and gives up with a sentence', async () => {
    const away = 'postgres://gopher:s3cret@127.0.0.1:1/shop?sslmode=prefer&password=s3cret';
    await expect(start('away', away)).rejects.toThrow('ended before it was ready');
    const said = log('away');
    const waiting = said.match(/waiting for the database at 127.0.0.1:1\/shop: .*\(\d+ s\)/g) ?? [];
    expect(waiting.length).toBeGreaterThanOrEqual(2);
    expect(waiting.at(-1)).toContain('connect ECONNREFUSED 127.0.0.1:1');
    expect(said).toMatch(
      /^Gophermart cannot start: the database at 127.0.0.1:1\/shop cannot be used: .*REFUSED/m,
    );
    expect(said).not.toContain('s3cret');
  });

  it('for another replica’s migrations says so', async () => {
    const other = new Client({ connectionString: database.uri });
    await other.connect();
    await other.query('DROP SCHEMA gophermart CASCADE');
    await other.query('SELECT pg_advisory_lock(7106240512)');
    const starting = start('migrating', database.uri);
    const waits = 'waiting for another replica, which migrates the database';
    await eventually('it says so', () => log('migrating').includes(waits), 110_000);
    await other.end();
    await expect((await starting).end('SIGTERM')).resolves.toBe(0);
  });
});

describe('a start', () => {
  it('names what an operator should know, logins that are not in NFC among it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gophermart-starting-'));
    const [database, accrual] = [await createTestDatabase(), await ScriptedAccrual.start()];
    const logFile = join(folder, 'log');
    writeFileSync(logFile, '');
    await database.query(
      `INSERT INTO gophermart.users (id, login, password_hash, registered_at)
       VALUES (gen_random_uuid(), $1, 'x', now())`,
      ['gopher и\u0306'],
    );
    const service = await ServiceProcess.start({
      databaseUri: database.uri,
      accrualAddress: accrual.url,
      logFile,
      settings: { TRUST_PROXY: 'true', SALT: 'pepper' },
    });
    try {
      const lines = readFileSync(logFile, 'utf8').split('\n');
      const about = (text: string): string[] => lines.filter((line) => line.includes(text));
      for (const text of ['TRUST_PROXY=true counts as 1', 'SALT is not needed', 'gopher и\u0306'])
        expect(about(text)).toEqual([expect.stringContaining('"level":40')]);
      expect(about('pepper')).toEqual([]);
    } finally {
      await service.end('SIGTERM');
      await accrual.stop();
      await database.drop();
      rmSync(folder, { recursive: true });
    }
  });
});
